import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import OrreryTelemetry
import Synchronization

/// The trail of what was done to the account and of who was refused, kept as items of a container that only the server
/// writes and that its clients read like any other.
///
/// Events are kept in the background and no request waits for them. They end after ``daysMax`` days; how many are kept
/// meanwhile is bounded by an allowance for each kind.
final class AuditTrail: Sendable {
    static let containerName = "audit"
    /// Days that an event is kept.
    static let daysMax = 30
    private static let waitingMax = 1000

    private let container: Container
    private let allowances: Mutex<[AuditEvent.Kind: AuditAllowance]>
    private let clock: @Sendable () -> Int64
    private let log: Log
    private let outcomes: [AuditEvent.Kind: (kept: Counter, suppressed: Counter)]
    private let writer = WorkerPool(threadCount: 1, waitingMax: waitingMax)

    /// The trail of an account, whose container is made at the first start.
    init(
        account: Account, metrics: MetricsRegistry, log: Log, clock: @escaping @Sendable () -> Int64
    ) throws(DatabaseError) {
        let definition: JSONValue = [
            "id": .string(Self.containerName),
            "partitionKey": ["paths": ["/day"], "kind": "Hash", "version": 2],
            "defaultTtl": .number(Self.daysMax * 86_400),
        ]
        container = try account.systemContainer(ContainerDefinition(definition))
        let now = clock()
        var allowances: [AuditEvent.Kind: AuditAllowance] = [:]
        var outcomes: [AuditEvent.Kind: (kept: Counter, suppressed: Counter)] = [:]
        for kind in AuditEvent.Kind.allCases {
            allowances[kind] = AuditAllowance(kind, nowSeconds: now)
            func counter(_ outcome: String) -> Counter {
                metrics.counter(
                    "orrery_audit_events_total", help: "Events of the audit trail, by kind and whether they were kept.",
                    labels: [("kind", kind.rawValue), ("outcome", outcome)])
            }
            outcomes[kind] = (counter("kept"), counter("suppressed"))
        }
        self.allowances = Mutex(allowances)
        self.outcomes = outcomes
        self.clock = clock
        self.log = log
    }

    /// The resource id of the database that the server keeps for itself.
    var databaseID: ResourceID? { container.resourceID.database }

    /// Keeps an event, unless too many of its kind came lately.
    func record(_ event: @autoclosure () -> AuditEvent, of kind: AuditEvent.Kind) {
        let now = clock()
        let allowed = allowances.withLock { $0[kind]?.take(nowSeconds: now) }
        guard let suppressedCount = allowed ?? nil else {
            outcomes[kind]?.suppressed.add()
            return
        }
        let id = String(decoding: ActivityID.made(), as: UTF8.self)
        let json = event().json(id: id, date: AuditDate(seconds: now), suppressedCount: suppressedCount)
        let isTaken = writer.submit { self.keep(json.text) }
        if !isTaken { outcomes[kind]?.suppressed.add() } else { outcomes[kind]?.kept.add() }
    }

    private func keep(_ text: [UInt8]) {
        do throws(DatabaseError) {
            let operation = try container.preparingCreate(Container.document(parsing: text), partitionKey: nil)
            container.commit([operation]) { [log] result in
                guard case .failure(let failure) = result else { return }
                log.error("audit-failed", [("reason", .text("\(failure.error)"))])
            }
        } catch {
            log.error("audit-failed", [("reason", .text("\(error)"))])
        }
    }

    /// Hands what waits to the store. To be called before the store is closed.
    func stop() {
        writer.stop()
    }
}
