import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import OrreryTelemetry
import OrreryTriggers
import Synchronization
import Testing

@testable import OrreryEvents

@Suite struct BridgeTests {
    private func inHand(_ events: TestEvents) throws -> Int {
        try events.subscription().state.withLock { $0.queue.count }
    }

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
        try await events.host.putBridge(bridge)
        let container = try makeContainer(events)
        try await put("a", total: 5, in: container)
        try await put("small", total: 1, in: container)
        try await put("a", total: 6, in: container)
        let key = PartitionKey([.string("ada")])
        try await container.commit([container.preparingDelete(id: Array("a".utf8), partitionKey: key)])
        // Until the bridge has looked for the container again.
        try await events.until(passing: 1000) { try inHand(events) == 3 }
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

    @Test func aBridgeGoesOnAfterARestart() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let container = try makeContainer(events)
        try await put("before", total: 1, in: container)
        events.time.advance(milliseconds: 10)
        try await events.host.putBridge(BridgeDefinition(from: "shop/orders", to: "t1", named: "b"))
        events.time.advance(milliseconds: 10)
        try await put("a", total: 1, in: container)
        try await events.until(passing: 1000) { try inHand(events) == 1 }
        try await events.restart {
            try await put("while nothing ran", total: 1, in: container)
        }
        try await events.until(passing: 1000) { try inHand(events) == 2 }
        // Other words for the same bridge: it goes on where it is.
        var changed = try BridgeDefinition(from: "shop/orders", to: "t1", named: "b")
        changed.typePrefix = "Shop"
        async let isNew = events.host.putBridge(changed)
        try await events.until(passing: 10) { events.host.sources.bridge("b")?.definition.typePrefix == "Shop" }
        #expect(try await !isNew)
        let opened = try events.account.openContainer(container.resourceID)
        try await put("z", total: 1, in: opened)
        try await events.until(passing: 1000) { try inHand(events) == 3 }
        let received = try await events.receive().map(\.event.event)
        #expect(received.map(\.subject) == ["docs/a", "docs/while nothing ran", "docs/z"])
        #expect(received.last?.type == "Shop.Created")
    }

    /// As a server that was away for longer than the log goes back.
    @Test func whatTheLogLetGoOfIsSaidAndCounted() async throws {
        let events = try TestEvents { configuration in
            configuration.deltaVersionsMax = 50
            configuration.mergeFanIn = 2
            configuration.segmentBytes = 1 << 14
            configuration.retentionMilliseconds = 0
            configuration.heldHistoryBytesMax = 1 << 15
        }
        try await events.makePullTopic()
        let container = try makeContainer(events)
        try await events.host.putBridge(BridgeDefinition(from: "shop/orders", to: "t1", named: "b"))
        events.time.advance(milliseconds: 10)
        try await put("first", total: 1, in: container)
        try await events.until(passing: 1000) { try inHand(events) == 1 }
        let count = 1500
        try await events.restart {
            for number in 0..<count { try await put("counter", total: number, in: container) }
            try await events.until(passing: 10) {
                try container.ranges.contains { range in try container.trimmedVersion(of: range) > 10 }
            }
        }
        func status() throws -> JSONValue { try #require(events.host.bridgeResources().first?["status"]) }
        try await events.until(passing: 1000) { try status()["state"] == "Held" }
        #expect(try status()["reason"]?.string?.contains("does not keep its next change") == true)
        let lost = try #require(status()["changesLostMax"]?.int64)
        #expect(lost > 0 && lost <= count)
        #expect(events.metrics.prometheusText.contains("orrery_trigger_trimmed_total{"))
        // It publishes what is left once somebody says so, and the loss stays known.
        async let replayed: Void = events.host.replayBridge("b", sinceMilliseconds: 0)
        try await events.until(passing: 1000) { try status()["state"] == "Active" }
        try await replayed
        try await events.until(passing: 1000) { try status()["changesBehind"] == 0 }
        // More may have gone by the time it got there.
        let published = try status()["changesPublished"]?.int64 ?? 0
        let lostByThen = try #require(status()["changesLostMax"]?.int64)
        #expect(published > 0 && lostByThen >= lost && published + lostByThen >= count)
        try events.restart()
        try await events.until(passing: 1000) { try status()["changesLostMax"]?.int64 ?? 0 >= lostByThen }
        #expect(try status()["state"] == "Active")
    }

    /// What is kept and what runs are the same in the end, whichever was last.
    @Test func bridgesThatAreWrittenAtOnceComeOneAfterTheOther() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        _ = try makeContainer(events)
        let host = events.host
        let isDone = Atomic(false)
        let writing = Task {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        var bridge = try BridgeDefinition(from: "shop/orders", to: "t1", named: "b")
                        bridge.typePrefix = "T\(number % 4)"
                        return try await host.putBridge(bridge)
                    }
                }
                defer { isDone.store(true, ordering: .relaxed) }
                return try await group.reduce(into: 0) { count, isNew in count += isNew ? 1 : 0 }
            }
        }
        try await events.until(passing: 100) { isDone.load(ordering: .relaxed) }
        #expect(try await writing.value == 1)
        let running = try #require(host.sources.bridge("b")?.definition)
        let kept = try events.host.catalog.sources()
        #expect(kept.count == 1 && kept.first?["typePrefix"]?.string == running.typePrefix)
        #expect(host.triggers.statuses().count == 1)
    }

    @Test func aBridgeThatIsMadeAnewBeginsAnew() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let container = try makeContainer(events)
        let bridge = try BridgeDefinition(from: "shop/orders", to: "t1", named: "b")
        try await events.host.putBridge(bridge)
        events.time.advance(milliseconds: 10)
        try await put("a", total: 1, in: container)
        try await events.until(passing: 1000) { try inHand(events) == 1 }
        async let gone: Void = events.host.deleteBridge("b")
        try await events.until(passing: 10) { events.host.sources.bridges.isEmpty }
        try await gone
        try await put("unheard", total: 1, in: container)
        events.time.advance(milliseconds: 10)
        try await events.host.putBridge(bridge)
        events.time.advance(milliseconds: 10)
        try await put("b", total: 1, in: container)
        try await events.until(passing: 1000) { try inHand(events) == 2 }
        #expect(try await events.receive().map(\.event.event.subject) == ["docs/a", "docs/b"])
    }

    @Test func whatABridgeFailsOfIsShown() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let container = try makeContainer(events)
        let bridge = try BridgeDefinition(from: "shop/orders", to: "t1", named: "b")
        try await events.host.putBridge(bridge)
        events.time.advance(milliseconds: 10)
        // Its topic cannot be written to any more.
        try events.account.deleteContainer(events.host.topic("t1").log.container.resourceID)
        try await put("a", total: 1, in: container)
        try await events.until(passing: 1000) { events.host.sources.bridge("b")?.failure != nil }
        let status = try #require(events.host.bridgeResources().first?["status"])
        #expect(status["state"] == "Held")
        #expect(status["reason"]?.string?.isEmpty == false)
        #expect(status["changesBehind"] == 1)
    }

    @Test func anItemThatIsNestedTooDeepHoldsUpNobody() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let container = try makeContainer(events)
        try await events.host.putBridge(BridgeDefinition(from: "shop/orders", to: "t1"))
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
