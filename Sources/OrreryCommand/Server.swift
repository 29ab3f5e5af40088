import Glibc
import Orrery
import OrreryCosmos
import OrreryCrypto
import OrreryDatabase
import OrreryEngine
import OrreryEvents
import OrreryHTTP
import OrreryTelemetry

/// The server as one piece: opens the store, serves it, and closes it again.
final class Server {
    private let options: ServeOptions
    private let log: Log
    private let directory: DataDirectory
    private let account: Account
    private let service: CosmosService
    private let events: EventService
    private let gateway: GatewayHost
    private let operators: OperatorRoutes
    private let http: HTTPServer
    private let operatorSocket: OperatorSocket?

    /// Opens everything and begins to serve.
    /// - Throws: `UsageError` with one line for the user.
    init(_ options: ServeOptions, openFilesMax: Int) throws(UsageError) {
        self.options = options
        log = Log(level: options.logLevel)
        let serviceConfiguration = try Self.serviceConfiguration(options)
        let configuration = try Self.httpConfiguration(options)
        directory = try DataDirectory(options)
        let metrics = MetricsRegistry()
        let operators = OperatorRoutes(metrics: metrics)
        self.operators = operators
        do throws(DatabaseError) {
            var engine = Self.engineConfiguration(options)
            engine.openPartitionsMax = OpenFileLimit.openPartitionsMax(openFilesMax: openFilesMax)
            engine.observer = EngineMetrics(registry: metrics, log: log)
            account = try Account(directory: directory.path, configuration: engine)
            account.registerGauges(in: metrics)
            Heap.registerGauges(in: metrics)
        } catch {
            throw UsageError("cannot open the data directory \(directory.path): \(error.oneLine)")
        }
        do throws(DatabaseError) {
            service = try CosmosService(
                account: account, configuration: serviceConfiguration, metrics: metrics, log: log,
                clock: { Int64(time(nil)) })
            gateway = try GatewayHost(
                account: account, service: service, metrics: metrics, log: log, keyAddresses: options.addressPolicy)
        } catch {
            throw UsageError("cannot serve the data directory \(directory.path): \(error.oneLine)")
        }
        let (service, gateway) = (service, gateway)
        try GatewayServing.configure(gateway, options)
        let events = try EventServing.start(options, account, service, metrics: metrics, log: log)
        self.events = events
        var http = configuration
        // What comes before the gateway takes requests whole.
        http.takesUploads = { !EventService.mayBeForEvents($0.rawPath) && gateway.takesUploads($0) }
        do throws(HTTPServerError) {
            self.http = try HTTPServer(configuration: http) { request, responder in
                if let response = operators.response(to: request) {
                    responder.respond(response)
                } else if !events.handle(request, responder), !gateway.answer(request, responder) {
                    service.handle(request, responder)
                }
            }
        } catch {
            throw UsageError(error.description)
        }
        operatorSocket = OperatorSocket(directory: directory.path, service: service)
        if operatorSocket == nil {
            log.warning("no-control-socket", [("path", .text(LocalSocket.path(in: directory.path)))])
        }
        operators.setReady(true)
    }

    /// Serves until a signal asks to stop; then finishes what is in flight and closes the store.
    func run(until stop: inout StopSignal) {
        let scheme = options.tls == .off ? "http" : "https"
        // An IPv6 address stands in brackets, or its colons would run into the port's (RFC 3986 section 3.2.2).
        let host = options.host.contains(":") ? "[\(options.host)]" : options.host
        let endpoint = "\(scheme)://\(host):\(http.port)/"
        let banner = StartBanner(
            endpoint: endpoint, options: options,
            usesPublishedKey: options.key == .published && service.usesConfiguredKey)
        Console.show(banner.text)
        log.info("listening", [
            ("endpoint", .text(endpoint)), ("durability", .text(options.durability.rawValue)),
        ])
        let signal = stop.wait()
        log.info("stopping", [("signal", .text("\(signal)"))])
        operators.setReady(false)
        http.stop()
        operatorSocket?.stop()
        events.host.stop()
        gateway.stop()
        service.stop()
        account.close()
        directory.removeIfEphemeral()
        log.info("stopped")
    }

    private static func serviceConfiguration(
        _ options: ServeOptions
    ) throws(UsageError) -> CosmosService.Configuration {
        let key = switch options.key {
        case .published: CosmosService.publicKey
        case .secret(let reference): try reference.content(what: "key")
        }
        guard Base64.decode(key)?.isEmpty == false else { throw UsageError("the key is not base64") }
        var configuration = CosmosService.Configuration(
            key: key, advertisedEndpoint: options.advertisedEndpoint, enforcesThroughput: options.enforcesThroughput)
        configuration.refusesKeys = options.refusesKeys
        configuration.issuer = try options.issuer.map { (issuer) throws(UsageError) in try Self.issuer(issuer) }
        return configuration
    }

    private static func issuer(_ issuer: ServeOptions.Issuer) throws(UsageError) -> TokenIssuer.Configuration {
        let configuration = TokenIssuer.Configuration(issuer: issuer.issuer, audience: issuer.audience) {
            (try? TextFile.content(issuer.keysPath, what: "key set")).map { Array($0.utf8) }
        }
        _ = try TextFile.content(issuer.keysPath, what: "key set")
        guard TokenIssuer(configuration).hasKeys else {
            throw UsageError("the key set \(issuer.keysPath) holds no RSA key for RS256 of 2048 bits and more")
        }
        return configuration
    }

    /// What relaxed durability may lose in a crash.
    private static let relaxedMilliseconds = 10

    private static func engineConfiguration(_ options: ServeOptions) -> EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.durability = options.durability == .strict
            ? .strict : .relaxed(milliseconds: relaxedMilliseconds)
        if let bytes = options.heldHistoryBytesMax { configuration.heldHistoryBytesMax = bytes }
        configuration.acknowledging = { HTTPResponder.sendingTogether($0) }
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
                keyPEM: try SecretReference(key).contentOfFile(what: "certificate's key"))
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

extension DatabaseError {
    /// What an operator needs to read of it.
    var oneLine: String {
        switch self {
        case .unavailable(let message), .invalid(let message): message
        default: "\(self)"
        }
    }
}
