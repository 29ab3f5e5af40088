import Foundation
import OrreryHTTP

/// OrreryHTTP with a bare handler against nginx: the same kilobyte from memory and from a file.
struct HTTPBenchmark {
    let connectionCount: Int
    let roundCount: Int
    let seconds: Double

    func run() throws {
        let body = [UInt8](repeating: UInt8(ascii: "a"), count: 1024)
        var configuration = HTTPServerConfiguration()
        configuration.threadCount = 2
        let server = try HTTPServer(configuration: configuration) { request, responder in
            responder.respond(HTTPResponse(status: 200, contentType: "application/json", body: body))
        }
        let queue = DispatchQueue(label: "later")
        let later = try HTTPServer(configuration: configuration) { _, responder in
            queue.async {
                responder.respond(HTTPResponse(status: 200, contentType: "application/json", body: body))
            }
        }
        var contenders = [contender("OrreryHTTP", server.port), contender("OrreryHTTP, answered later", later.port)]
        let nginx = NginxPeer.isInstalled ? try NginxPeer(body: body, workerCount: 2) : nil
        if let nginx { contenders.append(contender("nginx, a file", nginx.port)) }
        try Comparison(
            title: "GET of 1 KB, \(connectionCount) connections", contenders: contenders, roundCount: roundCount
        ).run()
        server.stop()
        later.stop()
        withExtendedLifetime(nginx) {}
    }

    private func contender(_ name: String, _ port: UInt16) -> Contender {
        let request = Array("GET /item HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n".utf8)
        return Contender(name: name) {
            try LoadGenerator(port: port, connectionCount: connectionCount, seconds: seconds) { request }.run()
        }
    }
}
