internal import Glibc
package import OrreryCosmos
package import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine
package import OrreryGateway
package import OrreryHTTP
package import OrreryTelemetry
internal import Synchronization

/// The gateway inside a server: keeps its configuration and its counters in the database, follows the one as it
/// changes, and lets the gateway reach items and functions.
package final class GatewayHost: Sendable {
    let gateway: Gateway
    let documents: GatewayDocuments
    let service: CosmosService
    private let log: Log
    /// Asks servers behind the gateway. The operator names them, so they may be anywhere.
    private let client: HTTPClient
    /// Gets the keys of identity providers.
    private let keyClient: HTTPClient
    /// Reads the configuration and carries out changes of it, one after the other.
    let worker = WorkerPool(threadCount: 1, waitingMax: 1000)
    /// Ends the time of calls, and tells when to try again.
    private let timer = Timer()
    private let wait = Mutex<CommitWait?>(nil)

    /// Opens the configuration and begins to follow it.
    /// - Parameters:
    ///   - keyAddresses: where the keys of identity providers may be got from.
    ///   - handler: calls a function of the program by its name; false where there is none.
    package init(
        account: Account, service: CosmosService, metrics: MetricsRegistry, log: Log,
        keyAddresses: HTTPAddressPolicy = HTTPAddressPolicy(),
        handler: @escaping @Sendable (String, GatewayCall, HTTPResponder) -> Bool = { _, _, _ in false }
    ) throws(DatabaseError) {
        self.service = service
        self.log = log
        documents = try GatewayDocuments(account: account)
        var configuration = HTTPClientConfiguration()
        configuration.addressPolicy = .everywhere
        configuration.connectionsPerHostMax = 128
        var keyConfiguration = HTTPClientConfiguration()
        keyConfiguration.addressPolicy = keyAddresses
        let client: HTTPClient
        let keyClient: HTTPClient
        do throws(HTTPServerError) {
            client = try HTTPClient(configuration: configuration)
            keyClient = try HTTPClient(configuration: keyConfiguration)
        } catch {
            throw .unavailable(error.description)
        }
        (self.client, self.keyClient) = (client, keyClient)
        let timer = timer
        let services = GatewayServices(
            database: { service.handleAsOwner($0, $1) }, handler: handler,
            backend: { client.stream($0, observer: $1) }, secret: SecretSource.bytes,
            nowSeconds: { Int64(time(nil)) }, nowNanoseconds: Self.monotonicNanoseconds,
            schedule: { timer.submit(afterMilliseconds: $0, $1) },
            fetch: { keyClient.send($0, completion: $1) },
            following: ContainerFollower(account: account), log: log)
        gateway = Gateway(services: services, quotas: try QuotaContainer(account: account), metrics: metrics)
        reload()
    }

    /// Answers a request, at once or later, where it is for the gateway's own pages or for one of its APIs.
    /// - Returns: whether it is.
    package func answer(_ request: HTTPRequest, _ responder: HTTPResponder) -> Bool {
        if let page = gateway.developerPage(for: request) {
            responder.respond(page)
            return true
        }
        return GatewayRoutes(self).answer(request, responder) || gateway.answer(request, responder)
    }

    /// Whether the body of a request is taken while it comes.
    package func takesUploads(_ head: HTTPRequest) -> Bool { gateway.takesUploads(head) }

    private static let started = ContinuousClock.now

    @Sendable private static func monotonicNanoseconds() -> UInt64 {
        // The start is looked at first: it is taken when it is first asked for.
        let start = started
        let age = (ContinuousClock.now - start).components
        return UInt64(clamping: age.seconds) * 1_000_000_000 + UInt64(clamping: age.attoseconds / 1_000_000_000)
    }

    /// Reads the configuration as it is, and comes again when it changes.
    func reload() {
        do throws(DatabaseError) {
            let (documents, lsn) = try documents.all()
            for error in gateway.configure(documents) {
                log.error("gateway-configuration", [("reason", .text(error.description))])
            }
            let next = try self.documents.wait(after: lsn) { [weak self] wake in
                guard case .committed = wake, let self else { return }
                worker.submit { self.reload() }
            }
            // Let go of outside the lock: a wait's end has locks of its own.
            _ = wait.withLock { wait in
                defer { wait = next }
                return wait
            }
        } catch {
            log.error("gateway-configuration", [("reason", .text("\(error)"))])
        }
    }

    /// To be called when no more requests come, and before the store is closed.
    package func stop() {
        _ = wait.withLock { wait in
            defer { wait = nil }
            return wait
        }
        worker.stop()
        timer.stop()
        client.stop()
        keyClient.stop()
        gateway.stop()
    }
}
