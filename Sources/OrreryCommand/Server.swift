import Glibc
import OrreryCosmos
import OrreryCrypto
import OrreryDatabase
import OrreryEngine
import OrreryHTTP
import OrreryTelemetry

/// The server as one piece: opens the store, serves it, and closes it again.
final class Server {
    private let options: ServeOptions
    private let log: Log
    private let directory: DataDirectory
    private let account: Account
    private let service: CosmosService
    private let operators: OperatorRoutes
    private let http: HTTPServer

    /// Opens everything and begins to serve.
    /// - Throws: `UsageError` with one line for the user.
    init(_ options: ServeOptions) throws(UsageError) {
        self.options = options
        log = Log(level: options.logLevel)
        let key = try Self.key(options)
        let configuration = try Self.httpConfiguration(options)
        directory = try DataDirectory(options)
        let metrics = MetricsRegistry()
        let operators = OperatorRoutes(metrics: metrics)
        self.operators = operators
        do throws(DatabaseError) {
            var engine = Self.engineConfiguration(options)
            engine.observer = EngineMetrics(registry: metrics, log: log)
            account = try Account(directory: directory.path, configuration: engine)
            account.registerGauges(in: metrics)
        } catch {
            throw UsageError("cannot open the data directory \(directory.path): \(error.oneLine)")
        }
        let service = CosmosService(
            account: account,
            configuration: CosmosService.Configuration(
                key: key, advertisedEndpoint: options.advertisedEndpoint,
                enforcesThroughput: options.enforcesThroughput),
            metrics: metrics, log: log, clock: { Int64(time(nil)) })
        guard let service else { throw UsageError("the key is not base64") }
        self.service = service
        do throws(HTTPServerError) {
            http = try HTTPServer(configuration: configuration) { request, responder in
                if let response = operators.response(to: request) {
                    responder.respond(response)
                } else {
                    service.handle(request, responder)
                }
            }
        } catch {
            throw UsageError(error.description)
        }
        operators.setReady(true)
    }

    /// Serves until a signal asks to stop; then finishes what is in flight and closes the store.
    func run(until stop: inout StopSignal) {
        let scheme = options.tls == .off ? "http" : "https"
        // An IPv6 address stands in brackets, or its colons would run into the port's (RFC 3986 section 3.2.2).
        let host = options.host.contains(":") ? "[\(options.host)]" : options.host
        let endpoint = "\(scheme)://\(host):\(http.port)/"
        Console.show(StartBanner(endpoint: endpoint, options: options).text)
        log.info("listening", [
            ("endpoint", .text(endpoint)), ("durability", .text(options.durability.rawValue)),
        ])
        let signal = stop.wait()
        log.info("stopping", [("signal", .text("\(signal)"))])
        operators.setReady(false)
        http.stop()
        service.stop()
        account.close()
        directory.removeIfEphemeral()
        log.info("stopped")
    }

    private static func key(_ options: ServeOptions) throws(UsageError) -> String {
        let text = switch options.key {
        case .published: CosmosService.publicKey
        case .text(let text): text
        case .file(let path): try TextFile.content(path, what: "key file").trimmed
        }
        guard Base64.decode(text)?.isEmpty == false else { throw UsageError("the key is not base64") }
        return text
    }

    /// What relaxed durability may lose in a crash.
    private static let relaxedMilliseconds = 10

    private static func engineConfiguration(_ options: ServeOptions) -> EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.durability = options.durability == .strict
            ? .strict : .relaxed(milliseconds: relaxedMilliseconds)
        return configuration
    }

    private static func httpConfiguration(_ options: ServeOptions) throws(UsageError) -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        configuration.host = options.host
        configuration.port = options.port
        configuration.errorResponse = CosmosService.response(to:)
        switch options.tls {
        case .off: break
        case .files(let certificate, let key):
            configuration.tls = HTTPServerTLS(
                certificatePEM: try TextFile.content(certificate, what: "certificate"),
                keyPEM: try TextFile.content(key, what: "certificate's key"))
        case .selfSigned:
            configuration.tls = try selfSigned(host: options.host)
        }
        return configuration
    }

    private static func selfSigned(host: String) throws(UsageError) -> HTTPServerTLS {
        do throws(CryptoError) {
            let loopbacks: [[UInt8]] = [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1]]
            let certificate = try SelfSignedCertificate(names: ["localhost", host], addresses: loopbacks)
            return HTTPServerTLS(certificatePEM: certificate.certificatePEM, keyPEM: certificate.keyPEM)
        } catch {
            throw UsageError("cannot make a certificate: \(error.description)")
        }
    }
}

extension String {
    /// The text without white space at its ends.
    fileprivate var trimmed: String {
        let start = unicodeScalars.firstIndex { !$0.properties.isWhitespace } ?? endIndex
        let end = unicodeScalars.lastIndex { !$0.properties.isWhitespace }.map { unicodeScalars.index(after: $0) }
        return end.map { String(self[start..<$0]) } ?? ""
    }
}

extension DatabaseError {
    /// What an operator needs to read of it.
    fileprivate var oneLine: String {
        if case .unavailable(let message) = self { message } else { "\(self)" }
    }
}
