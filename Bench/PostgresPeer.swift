import Foundation

/// A PostgreSQL cluster of its own with default settings, asked through its own client library: what a mature database
/// makes of the same documents.
final class PostgresPeer {
    private let port: UInt16
    private let folder: URL
    /// Nil until the cluster is made.
    private var process: ChildProcess?

    private static let binaries = "/usr/lib/postgresql/15/bin"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: binaries + "/initdb") }

    init() throws {
        port = try freePort()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("orrery-bench-postgres-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if getuid() == 0 {
            // The server refuses to run as root; Debian's package brings an account for it.
            _ = try run("/usr/bin/chown", ["postgres", folder.path])
        }
        let cluster = folder.path + "/cluster"
        _ = try asServer("initdb", ["-D", cluster, "-A", "trust", "-U", "bench", "-E", "UTF8", "--no-locale"])
        let command = serverCommand(
            "postgres",
            [
                "-D", cluster, "-p", "\(port)", "-c", "listen_addresses=127.0.0.1",
                "-c", "max_connections=200",
                "-c", "unix_socket_directories=\(folder.path)",
            ])
        // Its fast shutdown: connections are cut, nothing is waited for.
        process = try ChildProcess(command[0], Array(command.dropFirst()), in: folder, endSignal: SIGINT)
        try waitUntilReady()
        try makeTable("items")
    }

    /// Makes a table of documents.
    /// - Parameter indexes: the methods and columns of its secondary indexes.
    func makeTable(_ name: String, withIndexes indexes: [String] = []) throws {
        try query("CREATE TABLE \(name) (id text PRIMARY KEY, body jsonb NOT NULL)")
        for index in indexes { try query("CREATE INDEX ON \(name) USING \(index)") }
    }

    deinit {
        process?.end()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Durable inserts of one document each, prepared, over that many connections.
    /// - Parameter numbers: of the documents, each inserted once.
    func insert<Document: MeasuredDocument>(
        _ document: Document.Type, into table: String = "items", numbers: Counter, connectionCount: Int, seconds: Double
    ) throws -> LoadResult {
        try measuringWork(
            "INSERT INTO \(table) VALUES ($1, $2)", parameterCount: 2, connectionCount: connectionCount,
            threadCount: 1, seconds: seconds
        ) {
            let number = numbers.next()
            return [Array(document.id(number).utf8) + [0], document.bytes(number) + [0]]
        }
    }

    /// Runs a statement, prepared, over and over, and takes the server's processor time with it: its processes for the
    /// connections have ended by then.
    /// - Parameter parameters: gives the texts of `$1` and those after it, each with a zero at its end.
    func measuringWork(
        _ statement: String, parameterCount: Int, connectionCount: Int, threadCount: Int, seconds: Double,
        parameters: @escaping @Sendable () -> [[UInt8]]
    ) throws -> LoadResult {
        let settings = "host=127.0.0.1 port=\(port) user=bench dbname=postgres"
        let load = LoadGenerator(connectionCount: connectionCount, seconds: seconds, threadCount: threadCount) {
            try PostgresConnection(
                settings: settings, statement: statement, parameterCount: parameterCount, parameters: parameters)
        }
        return try ProcessorTime.measuring(process?.identifier ?? 0) {
            let result = try load.run()
            usleep(200_000)
            return result
        }
    }

    /// The number that the btree indexes.
    static let rank = "((body->>'rank')::float8)"

    /// The secondary indexes of a table of query documents.
    static let indexes = ["gin (body jsonb_path_ops)", "btree (\(rank))"]

    /// Fills the table, and makes its indexes.
    func load(_ rows: some Sequence<(id: String, text: String)>, withIndexes indexes: [String] = indexes) throws {
        try copy(try writeRows(rows), into: "items", thenIndexes: indexes)
        try query("VACUUM ANALYZE items")
    }

    /// Writes rows into a file that COPY reads; answers its path.
    func writeRows(_ rows: some Sequence<(id: String, text: String)>) throws -> String {
        let path = folder.path + "/items.tsv"
        var text = ""
        // The documents hold neither tabs nor backslashes.
        for row in rows { text += "\(row.id)\t\(row.text)\n" }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// Copies a file of rows into a table, and then makes indexes.
    func copy(_ path: String, into table: String, thenIndexes indexes: [String] = []) throws {
        try query("COPY \(table) FROM '\(path)'")
        for index in indexes { try query("CREATE INDEX ON \(table) USING \(index)") }
    }

    func dropTable(_ name: String) throws { try query("DROP TABLE \(name)") }

    /// Bytes of the table and all its indexes.
    func itemsBytes() throws -> Int {
        let text = try query("SELECT pg_total_relation_size('items')", ["-t", "-A"])
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    /// How many rows a statement answers.
    func rowCount(of statement: String) throws -> Int? {
        let text = try query("SELECT COUNT(*) FROM (\(statement)) AS answer", ["-t", "-A"])
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @discardableResult
    private func query(_ text: String, _ options: [String] = []) throws -> String {
        let connection = ["-h", "127.0.0.1", "-p", "\(port)", "-U", "bench", "-d", "postgres"]
        return try asServer("psql", connection + options + ["-q", "-c", text])
    }

    private func waitUntilReady() throws {
        for _ in 0..<500 {
            if (try? query("SELECT 1")) != nil { return }
            usleep(20_000)
        }
        throw BenchError(description: "PostgreSQL did not start")
    }

    private func asServer(_ name: String, _ arguments: [String]) throws -> String {
        let command = serverCommand(name, arguments)
        return try run(command[0], Array(command.dropFirst()))
    }

    /// The command as the account that the server runs under.
    private func serverCommand(_ name: String, _ arguments: [String]) -> [String] {
        let command = [Self.binaries + "/" + name] + arguments
        if getuid() != 0 { return command }
        return ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + command
    }

    private func run(_ path: String, _ arguments: [String]) throws -> String {
        let output = Pipe()
        let process = try ChildProcess(path, arguments, in: folder, output: output)
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        if process.wait() != 0 { throw BenchError(description: "\(arguments) failed: \(text)") }
        return text
    }
}
