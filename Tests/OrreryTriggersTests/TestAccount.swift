import Dispatch
import Foundation
import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import OrreryTelemetry
import OrreryTriggers
import Synchronization
import Testing

/// An account in a folder of its own, with a container `shop/orders`.
final class TestAccount: Sendable {
    let directory: String
    private let opened: Mutex<Account>

    var account: Account { opened.withLock { $0 } }

    init(_ configuration: EngineConfiguration = EngineConfiguration()) throws {
        directory = NSTemporaryDirectory() + "orrery-triggers-\(UUID().uuidString)"
        let account = try Account(directory: directory, configuration: configuration)
        opened = Mutex(account)
        let database = try account.createDatabase(DatabaseDefinition(["id": "shop"]), throughput: nil)
        for name in ["orders", "totals"] {
            let definition = try ContainerDefinition([
                "id": .string(name), "partitionKey": ["paths": ["/customer"], "kind": "Hash", "version": 2],
            ])
            _ = try account.createContainer(definition, in: database.resourceID, throughput: nil)
        }
    }

    deinit {
        account.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    func container(_ name: String = "orders") throws -> Container {
        let account = account
        return try account.openContainer(account.containerID(named: name, in: account.databaseID(named: "shop")))
    }

    /// Writes an item and waits.
    func put(_ id: String, _ customer: String, _ more: String = "", in name: String = "orders") throws {
        let container = try container(name)
        let text = #"{"id":"\#(id)","customer":"\#(customer)"\#(more)}"#
        let document = try Container.document(parsing: Array(text.utf8))
        try commit(container.preparingCreate(document, partitionKey: nil, isUpsert: true), in: container)
    }

    func delete(_ id: String, _ customer: String) throws {
        let container = try container()
        let key = PartitionKey([.string(customer)])
        try commit(container.preparingDelete(id: Array(id.utf8), partitionKey: key), in: container)
    }

    private func commit(_ operation: ItemOperation, in container: Container) throws {
        let done = DispatchSemaphore(value: 0)
        let failure = Mutex<DatabaseError?>(nil)
        container.commit([operation]) { result in
            if case .failure(let error) = result { failure.withLock { $0 = error.error } }
            done.signal()
        }
        done.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// The items of a container as JSON, by id.
    func items(of name: String) throws -> [String: JSONValue] {
        let container = try container(name)
        let page = try container.items(in: .container, from: nil, itemCountMax: nil)
        return try page.items.reduce(into: [:]) { found, item in
            found[String(decoding: item.id, as: UTF8.self)] = try JSONValue(parsing: item.text)
        }
    }

    func host(
        threadCount: Int = 4, metrics: MetricsRegistry = MetricsRegistry(), clock: TriggerClock = .system()
    ) -> TriggerHost {
        TriggerHost(account: account, metrics: metrics, threadCount: threadCount, clock: clock)
    }

    func trigger(
        _ name: String = "handler", _ options: TriggerOptions = TriggerOptions(), _ handler: @escaping TriggerHandler
    ) throws -> Trigger {
        var options = options
        options.backOff = BackOff(firstMilliseconds: 1, lastMilliseconds: 4)
        return try #require(
            Trigger(name, database: "shop", container: "orders", options: options, handler: handler))
    }
}

/// What a handler was given, in order, for a test to wait for.
final class Calls: Sendable {
    private let calls = Mutex<[TriggerChange]>([])

    var all: [TriggerChange] { calls.withLock { $0 } }
    var ids: [String] { all.map(\.id) }

    func record(_ changes: [TriggerChange]) {
        calls.withLock { $0 += changes }
    }

    /// Looks again and again until something holds or time is up.
    func wait(seconds: Double = 20, until holds: ([TriggerChange]) -> Bool) async -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if holds(all) { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return holds(all)
    }

    func wait(count: Int) async -> Bool { await wait { $0.count >= count } }
}

/// Looks again and again until something holds or time is up.
func eventually(seconds: Double = 20, _ holds: () throws -> Bool) async rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if try holds() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return try holds()
}
