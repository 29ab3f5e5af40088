import Foundation

/// The built `orrery` beside this program, serving a folder of its own.
final class OrreryServer {
    let port: UInt16
    private let process: ChildProcess
    private let folder: URL
    static let key = Data((0..<64).map { UInt8($0) }).base64EncodedString()

    static let items = "/dbs/bench/colls/items/docs"

    init() throws {
        port = try freePort()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("orrery-bench-data-\(getpid())-\(port)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        process = try ChildProcess(
            program.appendingPathComponent("orrery").path,
            ["serve", "--data", folder.path, "--port", "\(port)", "--key", Self.key])
        try waitForPort(port)
        try send(Self.post("/dbs", #"{"id":"bench"}"#, partitionKey: nil))
        try makeContainer("items", indexingMode: "consistent")
    }

    /// Makes a container that is indexed as a whole, or not at all. Answers the path of its items.
    @discardableResult
    func makeContainer(_ id: String, indexingMode mode: String) throws -> String {
        let isAutomatic = mode != "none"
        let container = """
            {"id":"\(id)","partitionKey":{"paths":["/customer"],"kind":"Hash","version":2},\
            "indexingPolicy":{"indexingMode":"\(mode)","automatic":\(isAutomatic)}}
            """
        try send(Self.post("/dbs/bench/colls", container, partitionKey: nil))
        return "/dbs/bench/colls/\(id)/docs"
    }

    deinit {
        process.end()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The processor time that the server has used so far, in microseconds, as the kernel counts it.
    var processorMicroseconds: Double { ProcessorTime.microseconds(of: process.identifier) }

    /// Runs a load and takes the server's processor time with it.
    func measuringWork(_ load: LoadGenerator<HTTPConnection>) throws -> LoadResult {
        try ProcessorTime.measuring(process.identifier) { try load.run() }
    }

    /// Returns once the server has nothing to do on its own: what is merged when nothing is flushed is merged.
    /// - Parameter idleSeconds: how long the server waits before it merges further.
    /// - Throws: where it is busy for five minutes on end.
    func waitUntilIdle(idleSeconds: UInt32 = 10) throws {
        sleep(idleSeconds + 1)
        var before = processorMicroseconds
        for _ in 0..<300 {
            sleep(1)
            let now = processorMicroseconds
            if now - before < 50_000 { return }
            before = now
        }
        throw BenchError(description: "the server does not come to rest")
    }

    /// Sends one request that must succeed.
    func send(_ request: [UInt8]) throws {
        let result = try LoadGenerator(port: port, connectionCount: 1, seconds: 0) { request }.run()
        if result.failureCount > 0 {
            throw BenchError(description: "refused: \(String(decoding: request, as: UTF8.self))")
        }
    }

    /// A change feed from now on as server-sent events.
    static let events = Array(
        ("GET \(items) HTTP/1.1\r\n\(head(partitionKey: nil))A-IM: Incremental Feed\r\nIf-None-Match: *\r\n"
            + "Accept: text/event-stream\r\n\r\n").utf8)

    /// A page of the change feed after an entity tag, or from the beginning.
    static func changes(after tag: String) -> [UInt8] {
        let start = tag.isEmpty ? "" : "If-None-Match: \(tag)\r\n"
        return Array("GET \(items) HTTP/1.1\r\n\(head(partitionKey: nil))A-IM: Incremental Feed\r\n\(start)\r\n".utf8)
    }

    /// The creation of several documents of one partition key in one transaction.
    static func batch(_ documents: [String], partitionKey: String) -> [UInt8] {
        let body = "["
            + documents.map { #"{"operationType":"Create","resourceBody":\#($0)}"# }.joined(separator: ",") + "]"
        let flags = "x-ms-cosmos-is-batch-request: True\r\nx-ms-cosmos-batch-atomic: True\r\n"
        return Array(
            ("POST \(items) HTTP/1.1\r\n\(head(partitionKey: partitionKey))\(flags)"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
    }

    /// Creates one document. The answer leaves it out, as an `INSERT` without `RETURNING` does.
    static func create<Document: MeasuredDocument>(
        _ document: Document.Type, _ number: Int, in items: String = OrreryServer.items
    ) -> [UInt8] {
        let body = document.bytes(number)
        let key = "x-ms-documentdb-partitionkey: [\"\(document.partitionKey(number))\"]\r\n"
        let head = "POST \(items) HTTP/1.1\r\n\(bareHead)\(key)Content-Length: \(body.count)\r\n\r\n"
        return Array(head.utf8) + body
    }

    private static let bareHead = head(partitionKey: nil) + "Prefer: return=minimal\r\n"

    static func read(_ number: Int) -> [UInt8] {
        let path = "\(items)/\(BenchDocument.id(number))"
        return Array("GET \(path) HTTP/1.1\r\n\(head(partitionKey: BenchDocument.partitionKey(number)))\r\n".utf8)
    }

    /// Makes queries over the whole container with a number as their parameter. All but the number is put together
    /// once, so that the load generator takes little from the server that it shares the processors with.
    static func query(_ text: String) -> @Sendable (_ x: Int) -> [UInt8] {
        let bodyStart = #"{"query":"\#(text)","parameters":[{"name":"@x","value":"#
        let bodyEnd = Array("}]}".utf8)
        let flags = "x-ms-documentdb-isquery: True\r\nContent-Type: application/query+json\r\n"
            + "x-ms-max-item-count: 1000\r\n"
        let head = Array("POST \(items) HTTP/1.1\r\n\(head(partitionKey: nil))\(flags)Content-Length: ".utf8)
        let middle = Array("\r\n\r\n\(bodyStart)".utf8)
        let bodyBytes = bodyStart.utf8.count + bodyEnd.count
        return { x in
            let number = String(x).utf8
            var request: [UInt8] = []
            request.reserveCapacity(head.count + middle.count + bodyEnd.count + 32)
            request += head
            request += String(bodyBytes + number.count).utf8
            request += middle
            request += number
            request += bodyEnd
            return request
        }
    }

    /// Bytes of all files, and of those that index the log; blocks that are there, not lengths.
    var diskBytes: Int { blockBytes { _ in true } }
    var indexDiskBytes: Int { blockBytes { $0.hasPrefix("run-") || $0.hasPrefix("superseded-") } }

    private func blockBytes(_ isWanted: (Substring) -> Bool) -> Int {
        var count = 0
        for case let name as String in FileManager.default.enumerator(atPath: folder.path) ?? .init() {
            guard isWanted(name.split(separator: "/").last ?? "") else { continue }
            var status = stat()
            if unsafe lstat(folder.path + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
                count += Int(status.st_blocks) * 512
            }
        }
        return count
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
