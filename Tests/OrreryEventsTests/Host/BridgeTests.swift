import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import Synchronization
import Testing

@testable import OrreryEvents

@Suite struct BridgeTests {
    private func makeContainer(_ events: TestEvents) throws -> Container {
        let database = try events.account.createDatabase(DatabaseDefinition(["id": "shop"]), throughput: nil)
        let definition: JSONValue = [
            "id": "orders", "partitionKey": ["paths": ["/customer"], "kind": "Hash", "version": 2],
        ]
        let made = try events.account.createContainer(
            ContainerDefinition(definition), in: database.resourceID, throughput: nil)
        return try events.account.openContainer(made.resourceID)
    }

    private func put(_ id: String, total: Int, in container: Container) async throws {
        let text = Array(#"{"id":"\#(id)","customer":"ada","total":\#(total)}"#.utf8)
        try await container.commit([
            container.preparingCreate(Container.document(parsing: text), partitionKey: nil, isUpsert: true),
        ])
    }

    @Test func changesBecomeEvents() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        // The bridge is there before the container: nothing of this is missed.
        var bridge = try BridgeDefinition(from: "shop/orders", to: "t1", projection: "SELECT c.total FROM c")
        bridge.condition = "c.total > 1"
        try events.host.add(bridge)
        let container = try makeContainer(events)
        try await put("a", total: 5, in: container)
        try await put("small", total: 1, in: container)
        try await put("a", total: 6, in: container)
        let key = PartitionKey([.string("ada")])
        try await container.commit([container.preparingDelete(id: Array("a".utf8), partitionKey: key)])
        // A second goes by now and then, until the bridge has looked for the container again.
        var turnCount = 0
        try await events.until {
            turnCount += 1
            if turnCount % 2000 == 1 { events.time.advance(milliseconds: 1000) }
            return try events.subscription().state.withLock { $0.queue.count } == 3
        }
        let received = try await events.receive()
        let types = received.map(\.event.event.type)
        #expect(types == ["Orrery.Item.Created", "Orrery.Item.Replaced", "Orrery.Item.Deleted"])
        let first = try #require(received.first?.event.event)
        #expect(first.source == "/dbs/shop/colls/orders")
        #expect(first.subject == "docs/a")
        #expect(first.data == .json(Array(#"{"total":5}"#.utf8)))
        #expect(first[extension: "lsn"] != nil && first[extension: "etag"] != nil)
        #expect(Set(received.map(\.event.event.id)).count == 3)
    }

    @Test func anItemThatIsNestedTooDeepHoldsUpNobody() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let container = try makeContainer(events)
        try events.host.add(BridgeDefinition(from: "shop/orders", to: "t1"))
        try await events.until { !(try container.checkpoints(withPrefix: [], of: container.ranges[0]).isEmpty) }
        let depth = JSONLimits.item.depthMax - 1
        let deep = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let text = Array(#"{"id":"deep","customer":"ada","deep":\#(deep)}"#.utf8)
        try await container.commit([
            container.preparingCreate(Container.document(parsing: text), partitionKey: nil),
        ])
        try await put("flat", total: 1, in: container)
        let subscription = try events.subscription()
        try await events.until { subscription.state.withLock { $0.queue.count } == 2 }
        let received = try await events.receive().map(\.event.event)
        #expect(received.map(\.subject) == ["docs/deep", "docs/flat"])
        #expect(received.map(\.data).map { $0 == nil } == [true, false])
        #expect(received.first?[extension: "dataomitted"] == .boolean(true))
    }

    @Test func aChangeThatIsReadTwiceIsOneEvent() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let topic = try events.host.topic("t1")
        let event = NewEvent(
            documentID: "same", event: Event(id: "same", source: "/", type: "T"), schema: .cloudEvents)
        try await events.host.publish([event], to: topic)
        await #expect(throws: EventError.self) { try await events.host.publish([event], to: topic) }
        #expect(try await events.receive().count == 1)
    }
}

@Suite struct SystemEventsTests {
    @Test func databasesAndContainersAreToldOf() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let system = try SystemEvents(to: events.host.topic("t1"), host: events.host)
        let database = try events.account.createDatabase(DatabaseDefinition(["id": "shop"]), throughput: nil)
        await system.look()
        try events.account.deleteDatabase(database.resourceID)
        // Another process goes on with what was kept.
        let next = try SystemEvents(to: events.host.topic("t1"), host: events.host)
        await next.look()
        await next.look()
        let received = try await events.receive()
        #expect(received.map(\.event.event.type) == ["Orrery.Database.Created", "Orrery.Database.Deleted"])
        #expect(received.map(\.event.event.subject) == ["/dbs/shop", "/dbs/shop"])
    }
}
