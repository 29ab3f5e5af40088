import OrreryCosmos
import OrreryDatabase
import OrreryEvents
import OrreryHTTP
import OrreryTelemetry
import Synchronization

/// Event routing beside the database: on in every server, at no cost until the first topic is made.
enum EventServing {
    /// Opens topics and subscriptions, and makes those that the configuration file names.
    /// - Throws: `UsageError` with one line for the user.
    static func start(
        _ options: ServeOptions, _ account: Account, _ service: CosmosService, metrics: MetricsRegistry, log: Log
    ) throws(UsageError) -> EventService {
        let host = EventHost(
            account: account, metrics: metrics, log: log, webhooks: WebhookSender(try client(options)))
        if let endpoint = options.advertisedEndpoint ?? endpoint(options) { host.setEndpoint(endpoint) }
        do throws(DatabaseError) {
            try host.start()
        } catch {
            throw UsageError("cannot open the topics: \(error.oneLine)")
        }
        if let path = options.eventsPath {
            let text = try TextFile.content(path, what: "configuration of events")
            do throws(EventError) {
                let configuration = try EventConfiguration(parsing: Array(text.utf8))
                try StartTask.wait { () async throws(EventError) in try await host.apply(configuration) }
            } catch {
                throw UsageError("the configuration of events \(path): \(error.message)")
            }
        }
        let isOpen = options.key == .published && !options.refusesKeys
        return EventService(
            host, isOpen: isOpen, onChange: { service.audit($0, operation: $1, status: $2) },
            accountKeys: { service.writingKeys })
    }

    private static func client(_ options: ServeOptions) throws(UsageError) -> HTTPClient {
        var configuration = HTTPClientConfiguration()
        configuration.addressPolicy = options.addressPolicy
        do throws(HTTPServerError) {
            return try HTTPClient(configuration: configuration)
        } catch {
            throw UsageError(error.description)
        }
    }

    /// Where clients reach the server, where the options say it.
    private static func endpoint(_ options: ServeOptions) -> String? {
        guard options.port != 0 else { return nil }
        let host = options.host.contains(":") ? "[\(options.host)]" : options.host
        return "\(options.tls == .off ? "http" : "https")://\(host):\(options.port)"
    }
}
