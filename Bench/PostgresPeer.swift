import Foundation

/// A PostgreSQL cluster of its own with default settings, loaded by its own pgbench: what a mature database makes of
/// the same documents.
final class PostgresPeer {
    private let port: UInt16
    private let folder: URL

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
        let options = "-p \(port) -c listen_addresses=127.0.0.1 -c unix_socket_directories=\(folder.path)"
        _ = try asServer("pg_ctl", ["-D", cluster, "-w", "-l", folder.path + "/log", "-o", options, "start"])
        try query("CREATE TABLE items (id text PRIMARY KEY, body jsonb NOT NULL)")
    }

    deinit {
        _ = try? asServer("pg_ctl", ["-D", folder.path + "/cluster", "-m", "immediate", "stop"])
        try? FileManager.default.removeItem(at: folder)
    }

    /// Durable inserts of one document each, prepared, over that many connections.
    func insert(connectionCount: Int, seconds: Double) throws -> LoadResult {
        let script = folder.path + "/insert.sql"
        try """
        \\set number random(1, 9000000000000000000)
        INSERT INTO items VALUES (:number, :body::text::jsonb);
        """.write(toFile: script, atomically: true, encoding: .utf8)
        let output = try asServer(
            "pgbench",
            [
                "-h", "127.0.0.1", "-p", "\(port)", "-U", "bench", "-n", "-M", "prepared", "-c", "\(connectionCount)",
                "-j", "2", "-T", "\(Int(seconds.rounded(.up)))", "-D", "body=" + BenchDocument.text(0), "-f", script,
                "postgres",
            ])
        guard let match = output.firstMatch(of: #/tps = ([0-9.]+)/#), let rate = Double(match.output.1) else {
            throw BenchError(description: "pgbench said: \(output)")
        }
        return LoadResult(requestCount: Int(rate * seconds), seconds: seconds)
    }

    private func query(_ text: String) throws {
        let connection = ["-h", "127.0.0.1", "-p", "\(port)", "-U", "bench", "-d", "postgres"]
        _ = try asServer("psql", connection + ["-q", "-c", text])
    }

    private func asServer(_ name: String, _ arguments: [String]) throws -> String {
        let command = [Self.binaries + "/" + name] + arguments
        return getuid() == 0
            ? try run("/usr/sbin/runuser", ["-u", "postgres", "--"] + command)
            : try run(command[0], Array(command.dropFirst()))
    }

    private func run(_ path: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // pg_ctl's server inherits the pipe and holds it open, so its end is not waited for.
        if arguments.last == "start" {
            process.waitUntilExit()
            return ""
        }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw BenchError(description: "\(arguments) failed: \(text)") }
        return text
    }
}
