import Foundation
import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryTelemetry
import Synchronization

@testable import OrreryEvents

/// What was written to the log.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var log: Log { Log(level: .info) { line in self.lines.withLock { $0.append(line) } } }

    func count(of event: String) -> Int { lines.withLock { $0.count { $0.contains(event) } } }
}

/// An account in a folder of its own, with a host of events on a virtual clock, that can be stopped and started.
final class TestEvents: Sendable {
    private struct Running {
        var account: Account
        var host: EventHost
    }

    let directory: String
    let time = VirtualClock()
    let metrics = MetricsRegistry()
    let endpoint = FakeEndpoint()
    let lines = LogLines()
    private let configure: @Sendable (inout EngineConfiguration) -> Void
    private let running: Mutex<Running>

    var host: EventHost { running.withLock { $0.host } }
    var account: Account { running.withLock { $0.account } }

    /// - Parameter configure: changes what the store is configured with.
    init(_ configure: @escaping @Sendable (inout EngineConfiguration) -> Void = { _ in }) throws {
        self.configure = configure
        directory = NSTemporaryDirectory() + "orrery-events-\(UUID().uuidString)"
        running = Mutex(try Self.open(directory, time, metrics, endpoint, lines, configure))
        try host.start()
    }

    deinit {
        host.stop()
        account.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private static func open(
        _ directory: String, _ time: VirtualClock, _ metrics: MetricsRegistry, _ endpoint: FakeEndpoint,
        _ lines: LogLines, _ configure: (inout EngineConfiguration) -> Void
    ) throws -> Running {
        var configuration = EngineConfiguration()
        configuration.clock = { time.nowMilliseconds }
        configure(&configuration)
        let account = try Account(directory: directory, configuration: configuration)
        let host = EventHost(
            account: account, metrics: metrics, log: lines.log, clock: time.clock, webhooks: endpoint.sender)
        return Running(account: account, host: host)
    }

    /// Stops the host, lets something happen to what it has kept, and opens host and store anew.
    func restart(whileStopped happen: () async throws -> Void) async throws {
        host.stop()
        try await happen()
        try reopen()
    }

    /// Stops the host and the store, and opens both anew.
    func restart() throws {
        host.stop()
        try reopen()
    }

    private func reopen() throws {
        account.close()
        let opened = try Self.open(directory, time, metrics, endpoint, lines, configure)
        running.withLock { $0 = opened }
        try opened.host.start()
    }

    /// A namespace topic with a subscription that receivers ask.
    func makePullTopic(_ name: String = "t1", _ queue: JSONValue = .object([])) async throws {
        let topic = try TopicDefinition(name, kind: .namespace)
        try await host.putTopic(topic)
        try await host.putSubscription(
            SubscriptionDefinition(
                topic: topic, name: "s1",
                properties: ["deliveryConfiguration": ["deliveryMode": "Queue", "queue": queue]]))
    }

    func subscription(_ name: String = "s1", of topic: String = "t1") throws -> Subscription {
        guard let found = try host.topic(topic).subscription(name) else { throw EventError(.notFound, name) }
        return found
    }

    func publish(_ ids: String..., to topic: String = "t1") async throws {
        try await host.publish(ids.map { Event(id: $0, source: "/test", type: "Test.Event", subject: $0) }, to: topic)
    }

    /// What a receiver is handed; it waits where there is nothing yet.
    func receive(_ countMax: Int = 10, waitMilliseconds: Int64 = 60_000) async throws -> [ReceivedEvent] {
        let subscription = try subscription()
        return await withCheckedContinuation { continuation in
            subscription.receive(countMax: countMax, waitMilliseconds: waitMilliseconds) {
                continuation.resume(returning: $0)
            }
        }
    }

    @discardableResult
    func conclude(_ tokens: [LockToken], _ verdict: Subscription.Verdict) async throws -> [Bool] {
        let subscription = try subscription()
        let result = await withCheckedContinuation { continuation in
            subscription.conclude(tokens, verdict) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// The dead letters of all subscriptions, once there is one.
    func deadLetters() async throws -> [JSONValue] {
        try await until { ((try? self.items(of: EventDeadLetters.containerName))?.count ?? 0) > 0 }
        return try items(of: EventDeadLetters.containerName)
    }

    /// The same while time passes, so much now and then.
    func until(passing milliseconds: Int64, _ holds: () throws -> Bool) async throws {
        var turnCount = 0
        try await until {
            turnCount += 1
            if turnCount % 2000 == 1 { time.advance(milliseconds: milliseconds) }
            return try holds()
        }
    }

    /// Lets other threads go on until something holds; gives up after a minute, and the test says why it failed.
    func until(_ holds: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if try holds() { return }
            await Task.yield()
        }
        throw EventError(.unavailable, "what was waited for did not come")
    }

    /// The items of a container of the server's own, as JSON.
    func items(of name: String) throws -> [JSONValue] {
        let database = try account.databaseID(named: "_orrery")
        let container = try account.openContainer(account.containerID(named: name, in: database))
        let page = try container.items(in: .container, from: nil, itemCountMax: nil)
        return try page.items.map { try JSONValue(parsing: $0.text) }
    }
}
