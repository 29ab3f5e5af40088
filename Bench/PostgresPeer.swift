import Foundation

/// A PostgreSQL cluster of its own with default settings, loaded by its own pgbench: what a mature database makes of
/// the same documents.
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
    func insert(into table: String = "items", connectionCount: Int, seconds: Double) throws -> LoadResult {
        try load(
            script: """
                \\set number random(1, 9000000000000000000)
                INSERT INTO \(table) VALUES (:number, :body::text::jsonb);
                """,
            ["-c", "\(connectionCount)", "-D", "body=" + BenchDocument.text(0)], seconds: seconds)
    }

    /// As below, with the processor time of the server: its processes for the connections have ended by then.
    private func measuring(script: String, _ options: [String], seconds: Double) throws -> LoadResult {
        try ProcessorTime.measuring(process?.identifier ?? 0) {
            let result = try load(script: script, options, seconds: seconds)
            usleep(200_000)
            return result
        }
    }

    private func load(script: String, _ options: [String], seconds: Double) throws -> LoadResult {
        let path = folder.path + "/load.sql"
        try script.write(toFile: path, atomically: true, encoding: .utf8)
        let output = try LoadScheduling.lettingServersFinish {
            try asServer(
                "pgbench",
                [
                    "-h", "127.0.0.1", "-p", "\(port)", "-U", "bench", "-n", "-M", "prepared", "-j", "2",
                    "-T", "\(Int(seconds.rounded(.up)))", "-f", path,
                ] + options + ["postgres"])
        }
        guard let processed = output.firstMatch(of: #/actually processed: ([0-9]+)/#),
            let count = Int(processed.output.1),
            let match = output.firstMatch(of: #/tps = ([0-9.]+)/#), let rate = Double(match.output.1), rate > 0
        else { throw BenchError(description: "pgbench said: \(output)") }
        return LoadResult(requestCount: count, seconds: Double(count) / rate)
    }

    /// The number that the btree indexes.
    static let rank = "((body->>'rank')::float8)"

    /// The secondary indexes of a table of query documents.
    static let indexes = ["gin (body jsonb_path_ops)", "btree (\(rank))"]

    /// Fills the table, and makes its indexes.
    func load(_ rows: some Sequence<(id: String, text: String)>) throws {
        try copy(try writeRows(rows), into: "items")
        for index in Self.indexes { try query("CREATE INDEX ON items USING \(index)") }
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

    /// Runs a statement, prepared, with a random `:x` over and over.
    func select(
        _ statement: String, parameterMax: Int, connectionCount: Int, seconds: Double
    ) throws -> LoadResult {
        try measuring(
            script: "\\set x random(0, \(max(0, parameterMax - 1)))\n\(statement);\n", ["-c", "\(connectionCount)"],
            seconds: seconds)
    }

    /// Bytes of the table and all its indexes.
    func itemsBytes() throws -> Int {
        let text = try query("SELECT pg_total_relation_size('items')", ["-t", "-A"])
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
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
