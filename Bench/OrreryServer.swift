import Foundation

/// The built `orrery` beside this program, serving a folder of its own.
final class OrreryServer {
    let port: UInt16
    private let process = Process()
    private let folder: URL
    private static let key = Data((0..<64).map { UInt8($0) }).base64EncodedString()

    static let items = "/dbs/bench/colls/items/docs"

    init() throws {
        port = try freePort()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("orrery-bench-data-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        process.executableURL = program.appendingPathComponent("orrery")
        process.arguments = ["serve", "--data", folder.path, "--port", "\(port)", "--key", Self.key]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice

        try process.run()
        try waitForPort(port)
        try send(Self.post("/dbs", #"{"id":"bench"}"#, partitionKey: nil))
        let container = #"{"id":"items","partitionKey":{"paths":["/customer"],"kind":"Hash","version":2}}"#
        try send(Self.post("/dbs/bench/colls", container, partitionKey: nil))
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Sends one request that must succeed.
    func send(_ request: [UInt8]) throws {
        let result = try LoadGenerator(port: port, connectionCount: 1, seconds: 0) { request }.run()
        if result.failureCount > 0 {
            throw BenchError(description: "refused: \(String(decoding: request, as: UTF8.self))")
        }
    }

    static func create(_ number: Int) -> [UInt8] {
        post(items, BenchDocument.text(number), partitionKey: BenchDocument.partitionKey(number))
    }

    static func read(_ number: Int) -> [UInt8] {
        let path = "\(items)/\(BenchDocument.id(number))"
        return Array("GET \(path) HTTP/1.1\r\n\(head(partitionKey: BenchDocument.partitionKey(number)))\r\n".utf8)
    }

    private static func post(_ path: String, _ body: String, partitionKey: String?) -> [UInt8] {
        let length = body.utf8.count
        return Array(
            "POST \(path) HTTP/1.1\r\n\(head(partitionKey: partitionKey))Content-Length: \(length)\r\n\r\n\(body)".utf8)
    }

    private static func head(partitionKey: String?) -> String {
        let key = partitionKey.map { "x-ms-documentdb-partitionkey: [\"\($0)\"]\r\n" } ?? ""
        return "Host: localhost\r\nAuthorization: Bearer \(Self.key)\r\nx-ms-version: 2020-07-15\r\n\(key)"
    }
}
