import Foundation
import OrreryCrypto
import OrreryHTTP
import Testing

/// The server over TLS, asked by another library's client.
@Suite struct HTTPServerTLSTests {
    private static let curl = "/usr/bin/curl"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: curl), "needs the curl command"))
    func servesOverTLS() throws {
        let certificate = try SelfSignedCertificate()
        var configuration = HTTPServerConfiguration()
        configuration.tls = HTTPServerTLS(certificatePEM: certificate.certificatePEM, keyPEM: certificate.keyPEM)
        let server = try HTTPServer(configuration: configuration) { request, responder in
            // Half of the requests wait, so that a resumed connection goes through TLS too.
            let response = HTTPResponse(status: 200, body: Array("\(request.isTLS) ".utf8) + request.body)
            if request.path == "/later" {
                DispatchQueue.global().async { responder.respond(response) }
            } else {
                responder.respond(response)
            }
        }
        let trusted = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).pem")
        try certificate.certificatePEM.write(to: trusted, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: trusted) }
        let url = "https://localhost:\(server.port)/"
        let output = try run(["--cacert", trusted.path, "-d", "a", url, "-d", "b", url + "later"])
        #expect(output == "true a&btrue a&b")
        #expect(try run(["http://localhost:\(server.port)/"]) == "")
        server.stop()
    }

    private func run(_ arguments: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: Self.curl)
        process.arguments = ["--silent", "--max-time", "20"] + arguments
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }

    @Test func aCertificateThatIsNoneIsRefused() throws {
        let certificate = try SelfSignedCertificate()
        for (pem, key) in [("x", "y"), (certificate.certificatePEM, ""), (certificate.certificatePEM, "-----BEGIN")] {
            var configuration = HTTPServerConfiguration()
            configuration.tls = HTTPServerTLS(certificatePEM: pem, keyPEM: key)
            #expect(throws: HTTPServerError.badCertificate) {
                try HTTPServer(configuration: configuration) { _, _ in }
            }
        }
    }
}
