import Foundation

/// nginx on loopback with a configuration of its own, serving one file: what a mature server makes of the same bytes.
final class NginxPeer {
    let port: UInt16
    private let process: ChildProcess
    private let folder: URL

    static let executable = "/usr/sbin/nginx"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: executable) }

    init(body: [UInt8], workerCount: Int) throws {
        port = try freePort()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("orrery-bench-nginx-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // The workers run as another user and must reach the file.
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        try Data(body).write(to: folder.appendingPathComponent("item"))
        let configuration = """
            daemon off; pid nginx.pid; error_log error.log; worker_processes \(workerCount);
            events { worker_connections 2048; }
            http {
                access_log off; keepalive_requests 1000000000; sendfile on; tcp_nopush on; open_file_cache max=10;
                open_file_cache_valid 60s; default_type application/json;
                client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                server { listen 127.0.0.1:\(port); root .; }
            }
            """
        try configuration.write(to: folder.appendingPathComponent("nginx.conf"), atomically: true, encoding: .utf8)
        process = try ChildProcess(Self.executable, ["-p", folder.path + "/", "-c", "nginx.conf", "-e", "error.log"])
        try waitForPort(port)
    }

    deinit {
        process.end()
        try? FileManager.default.removeItem(at: folder)
    }
}

/// A port that was free a moment ago.
func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var count = socklen_t(MemoryLayout<sockaddr_in>.size)
    let named = unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe bind(descriptor, $0, count) == 0 && getsockname(descriptor, $0, &count) == 0
        }
    }
    guard named else { throw BenchError(description: "no free port") }
    return UInt16(bigEndian: address.sin_port)
}

/// Waits until something listens there.
func waitForPort(_ port: UInt16) throws {
    for _ in 0..<500 {
        let generator = LoadGenerator(port: port, connectionCount: 1, seconds: 0) {
            Array("GET /item HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        }
        if (try? generator.run()) != nil { return }
        usleep(10_000)
    }
    throw BenchError(description: "nothing answers on port \(port)")
}
