import Foundation

/// The built `orrery` beside this program, serving a folder of its own.
final class OrreryServer {
    let port: UInt16
    private let process = Process()
    private let folder: URL
    static let key = Data((0..<64).map { UInt8($0) }).base64EncodedString()

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
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The processor time that the server has used so far, in microseconds, as the kernel counts it.
    var processorMicroseconds: Double {
        guard let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return 0 }
        // Behind the name: state is field 3 of proc(5), user and system time are 14 and 15, in ticks.
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) * 1e6 / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Runs a load and takes the server's processor time with it, which other work on the machine changes less than
    /// rates.
    func measuringWork(_ load: LoadGenerator) throws -> LoadResult {
        let before = processorMicroseconds
        var result = try load.run()
        result.serverMicroseconds = processorMicroseconds - before
        return result
    }

    /// Sends one request that must succeed.
    func send(_ request: [UInt8]) throws {
        let result = try LoadGenerator(port: port, connectionCount: 1, seconds: 0) { request }.run()
        if result.failureCount > 0 {
            throw BenchError(description: "refused: \(String(decoding: request, as: UTF8.self))")
        }
    }

    /// What the process has had of processors since it began.
    var processorSeconds: Double {
        get throws {
            let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
            // After the name, which ends with a parenthesis, the 12th and 13th field are ticks of user and system time.
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
            return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
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

    static func create(_ number: Int, in items: String = OrreryServer.items) -> [UInt8] {
        let start = BenchDocument.start(number)
        let length = start.utf8.count + BenchDocument.rest.count
        let key = "x-ms-documentdb-partitionkey: [\"\(BenchDocument.partitionKey(number))\"]\r\n"
        var request = Array("POST \(items) HTTP/1.1\r\n\(bareHead)\(key)Content-Length: \(length)\r\n\r\n\(start)".utf8)
        request += BenchDocument.rest
        return request
    }

    private static let bareHead = head(partitionKey: nil)

    static func read(_ number: Int) -> [UInt8] {
        let path = "\(items)/\(BenchDocument.id(number))"
        return Array("GET \(path) HTTP/1.1\r\n\(head(partitionKey: BenchDocument.partitionKey(number)))\r\n".utf8)
    }

    /// A query over the whole container with a number as its parameter.
    static func query(_ text: String, x: Int) -> [UInt8] {
        let body = #"{"query":"\#(text)","parameters":[{"name":"@x","value":\#(x)}]}"#
        let flags = "x-ms-documentdb-isquery: True\r\nContent-Type: application/query+json\r\n"
            + "x-ms-max-item-count: 1000\r\n"
        return Array(
            ("POST \(items) HTTP/1.1\r\n\(head(partitionKey: nil))\(flags)"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
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
