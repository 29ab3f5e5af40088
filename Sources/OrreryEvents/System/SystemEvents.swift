import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import OrreryTelemetry
import OrreryTriggers
import Synchronization

/// Publishes what becomes of databases and containers: created, replaced, deleted.
///
/// The events are what differs between the catalog and what was published of it last, which is kept in a container of
/// the server's own. So none is lost in a crash, and none is made up; changes that follow each other within an instant
/// may come as one.
final class SystemEvents: Sendable {
    static let containerName = "event-resources"
    /// How often it is asked whether the catalog has changed: one look at a number.
    private static let lookMilliseconds = 250

    private struct State {
        var known: [String: ResourceRecord] = [:]
        var generation: UInt64?
        var isStopped = false
    }

    var topicName: String { topic.name }
    private let topic: Topic
    private let host: EventHost
    private let container: Container
    private let state: Mutex<State>

    /// Begins with what is there, where nothing was published before.
    init(to topic: Topic, host: EventHost) throws(DatabaseError) {
        self.topic = topic
        self.host = host
        container = try host.account.systemContainer(
            ContainerDefinition([
                "id": .string(Self.containerName), "partitionKey": ["paths": ["/id"], "kind": "Hash", "version": 2],
            ]))
        var known: [String: ResourceRecord] = [:]
        try container.eachItem(in: .container) { item in
            if let json = try? JSONValue(parsing: item.text), let record = ResourceRecord(json) {
                known[record.resourceID] = record
            }
        }
        state = Mutex(State(known: known))
    }

    func start() {
        host.clock.schedule(Self.lookMilliseconds) { [weak self] in
            guard let self, !self.state.withLock({ $0.isStopped }) else { return }
            Task(executorPreference: self.host.handlers) {
                await self.look()
                self.start()
            }
        }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
    }

    /// Publishes what differs, where anything may.
    func look() async {
        let generation = host.account.generation
        let known = state.withLock { $0.generation == generation ? nil : $0.known }
        guard let known else { return }
        do {
            let present = ResourceRecord.all(of: host.account)
            for record in present where known[record.resourceID] != record {
                try await tell(record, known[record.resourceID] == nil ? "Created" : "Replaced")
            }
            let here = Set(present.map(\.resourceID))
            for record in known.values where !here.contains(record.resourceID) { try await tell(record, "Deleted") }
            state.withLock { $0.generation = generation }
        } catch {
            host.log.error("system-events-failed", [("reason", .text("\(error)"))])
        }
    }

    /// Publishes one event, and then keeps that it was. The same event has the same id, so that a repetition is none.
    private func tell(_ record: ResourceRecord, _ what: String) async throws {
        var event = Event(
            id: "\(record.resourceID)-\(record.etag)-\(what)", source: "/orrery",
            type: "Orrery.\(record.kind).\(what)", subject: record.path,
            time: EventTime(microseconds: host.clock.nowMilliseconds() * 1000).text)
        event.data = .json(record.json.text)
        do throws(EventError) {
            let id = ContainerItemID.of(event)
            try await host.publish([NewEvent(documentID: id, event: event, schema: .cloudEvents)], to: topic)
        } catch {
            if error.kind != .conflict { throw error }
        }
        let isGone = what == "Deleted"
        let document = try Container.document(parsing: record.json.text)
        let id = document.root["id"]?.stringBytes ?? []
        let key = PartitionKey([.string(String(decoding: id, as: UTF8.self))])
        let operation = try isGone
            ? container.preparingDelete(id: id, partitionKey: key)
            : container.preparingCreate(document, partitionKey: nil, isUpsert: true)
        try await container.commit([operation])
        state.withLock { $0.known[record.resourceID] = isGone ? nil : record }
    }
}
