import Foundation
import OrreryCrypto
import Testing

@Suite struct SelfSignedCertificateTests {
    @Test func isPEM() throws {
        let certificate = try SelfSignedCertificate()
        #expect(certificate.certificatePEM.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
        #expect(certificate.keyPEM.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        #expect(try SelfSignedCertificate().keyPEM != certificate.keyPEM)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "needs the openssl command"))
    func anotherLibraryVerifiesIt() throws {
        let certificate = try SelfSignedCertificate(names: ["localhost", "db.test"])
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).pem")
        try certificate.certificatePEM.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = ["verify", "-CAfile", file.path, "-verify_ip", "127.0.0.1", file.path]
        process.standardOutput = Pipe()
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
