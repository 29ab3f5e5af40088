internal import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryKeys
internal import OrreryTelemetry
internal import Synchronization

/// A run of a timer's handler.
public struct TimerRun: Sendable, Equatable {
    /// When it was due, in seconds since 1970.
    public let dueSeconds: Int64
    /// Whether it comes late, for nobody was there when it was due. Of several that were missed one is run.
    public let isMissed: Bool
}

/// A handler that runs when its time comes. When a run was begun is kept in the store, so that one that is missed while
/// no process runs is made up for at the next start.
public final class TimerTrigger: Sendable {
    public typealias Handler = @Sendable (TimerRun) async throws -> Void

    /// What it is called: under this name its last run is kept.
    public let name: String
    private let schedule: CronSchedule
    private let zone: TimeZoneRules
    private let runsMissed: Bool
    private let handler: Handler

    /// - Parameter runsMissed: whether a run that was missed is made up for.
    public init(
        _ name: String, schedule: CronSchedule, zone: TimeZoneRules = .utc, runsMissed: Bool = true,
        handler: @escaping Handler
    ) {
        self.name = name
        self.schedule = schedule
        self.zone = zone
        self.runsMissed = runsMissed
        self.handler = handler
    }

    /// Waits for the next run, runs, and waits again. To be called once.
    func start(in host: TriggerHost) {
        let now = host.clock.nowMilliseconds() / 1000
        do throws(DatabaseError) {
            let last = try host.timerRuns.last(of: name)
            if runsMissed, let last, let missed = schedule.next(afterSeconds: last, in: zone), missed <= now {
                run(TimerRun(dueSeconds: missed, isMissed: true), keeping: now, in: host)
            } else {
                if last == nil {
                    // From here on a run can be missed.
                    Task(executorPreference: host.handlers) { try? await host.timerRuns.keep(now, of: self.name) }
                }
                wait(after: now, in: host)
            }
        } catch {
            host.clock.schedule(1000) { if !host.isStopped { self.start(in: host) } }
        }
    }

    /// The longest that is slept at once: the clock may be set meanwhile.
    private static let sleepMilliseconds = 60_000

    private func wait(after seconds: Int64, in host: TriggerHost) {
        guard !host.isStopped, let due = schedule.next(afterSeconds: seconds, in: zone) else { return }
        let milliseconds = Int(clamping: due * 1000 - host.clock.nowMilliseconds())
        guard milliseconds > 0 else {
            return run(TimerRun(dueSeconds: due, isMissed: false), keeping: due, in: host)
        }
        host.clock.schedule(min(milliseconds, Self.sleepMilliseconds)) { self.wait(after: seconds, in: host) }
    }

    private func run(_ run: TimerRun, keeping seconds: Int64, in host: TriggerHost) {
        Task(executorPreference: host.handlers) {
            // First it is kept that it was begun: one that fails is not begun again, its next time comes.
            try? await host.timerRuns.keep(seconds, of: self.name)
            do {
                try await self.handler(run)
            } catch {
                host.log.error("timer-failed", [("timer", .text(self.name)), ("error", .text("\(error)"))])
            }
            self.wait(after: max(seconds, host.clock.nowMilliseconds() / 1000 - 1), in: host)
        }
    }
}

/// When each timer last ran, as items of a container of the server's own.
struct TimerRuns: Sendable {
    private let account: Account

    init(_ account: Account) {
        self.account = account
    }

    func last(of name: String) throws(DatabaseError) -> Int64? {
        let container = try open()
        do throws(ItemFailure) {
            let item = try container.item(id: Array(name.utf8), partitionKey: PartitionKey([.string(name)])).item
            return (try? JSONValue(parsing: item.text))?["lastSeconds"]?.int64
        } catch {
            if error.error == .notFound { return nil }
            throw error.error
        }
    }

    func keep(_ seconds: Int64, of name: String) async throws(DatabaseError) {
        let container = try open()
        let document = try Container.document(
            parsing: (["id": .string(name), "lastSeconds": .number(JSONNumber(seconds))] as JSONValue).text)
        try await container.commit([try container.preparingCreate(document, partitionKey: nil, isUpsert: true)])
    }

    private func open() throws(DatabaseError) -> Container {
        try account.systemContainer(
            ContainerDefinition(["id": "timers", "partitionKey": ["paths": ["/id"], "kind": "Hash", "version": 2]]))
    }
}
