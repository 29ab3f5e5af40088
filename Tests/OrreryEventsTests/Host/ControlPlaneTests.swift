import OrreryDocuments
import OrreryHTTP
import Synchronization
import Testing

@testable import OrreryEvents

@Suite struct ControlPlaneTests {
    private static let base =
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.EventGrid"

    private struct Answer {
        let status: Int
        let json: JSONValue
    }

    private func ask(
        _ service: EventService, _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil, key: String = "KEY"
    ) async throws -> Answer {
        let request = HTTPRequest(
            method: method, target: Array(path.utf8), headers: HTTPHeaders([("Authorization", "Bearer \(key)")]),
            body: body?.text ?? [])
        let response = await withCheckedContinuation { continuation in
            let responder = HTTPResponder { continuation.resume(returning: $0) }
            if !service.handle(request, responder) { responder.respond(HTTPResponse(status: 599)) }
        }
        let answered = try #require(response)
        return Answer(status: answered.status, json: (try? JSONValue(parsing: answered.body)) ?? .null)
    }

    private func make() throws -> (TestEvents, EventService) {
        let events = try TestEvents()
        return (events, EventService(events.host, isOpen: false) { ["KEY"] })
    }

    @Test func bridgesAndTheSystemTopicAreConfiguredAndKept() async throws {
        let (events, service) = try make()
        let path = "/_orrery/events/"
        let bridge: JSONValue = [
            "container": "shop/orders", "topic": "t", "where": "c.total > 100", "projection": "SELECT c.total FROM c",
        ]
        #expect(try await ask(service, .put, path + "bridges/b", bridge).status == 404)
        #expect(try await ask(service, .put, path + "topics/t").status == 201)
        let made = try await ask(service, .put, path + "bridges/b", bridge)
        #expect(made.status == 201)
        #expect(made.json["name"] == "b" && made.json["typePrefix"] == "Orrery.Item")
        #expect(made.json["status"]?["state"] == "Active")
        #expect(try await ask(service, .put, path + "bridges/b", bridge).status == 200)
        #expect(try await ask(service, .put, path + "bridges/other", bridge).status == 409)
        var wrong = bridge
        wrong["where"] = "c.total >"
        #expect(try await ask(service, .put, path + "bridges/b", wrong).status == 400)
        #expect(try await ask(service, .put, path + "systemTopic", ["topic": "none"]).status == 404)
        #expect(try await ask(service, .put, path + "systemTopic", ["topic": "t"]).json["topic"] == "t")
        #expect(try await ask(service, .delete, path + "topics/t").status == 409)

        try events.restart()
        let next = EventService(events.host, isOpen: false) { ["KEY"] }
        let listed = try await ask(next, .get, path + "bridges")
        #expect(listed.json["value"]?.array?.map { $0["where"] } == ["c.total > 100"])
        #expect(listed.json["value"]?[0]?["projection"] == "SELECT c.total FROM c")
        #expect(try await ask(next, .get, path + "systemTopic").json["topic"] == "t")
        #expect(try await ask(next, .post, path + "bridges/none/replay").status == 404)

        #expect(try await ask(next, .delete, path + "systemTopic").json["topic"] == .null)
        async let deleted = ask(next, .delete, path + "bridges/b")
        try await events.until(passing: 10) { events.host.sources.bridges.isEmpty }
        #expect(try await deleted.status == 200)
        #expect(try await ask(next, .delete, path + "bridges/b").status == 204)
        #expect(try await ask(next, .delete, path + "topics/t").status == 200)
        try events.restart()
        #expect(events.host.sources.bridges.isEmpty && events.host.systemTopic == nil)
    }

    @Test func theManagementPathsMakeShowAndRemove() async throws {
        let (events, service) = try make()
        let topic = Self.base + "/topics/orders"
        let made = try await ask(
            service, .put, topic, ["location": "here", "properties": ["inputSchema": "CloudEventSchemaV1_0"]])
        #expect(made.status == 201)
        #expect(made.json["properties"]?["provisioningState"] == "Succeeded")
        #expect(made.json["id"] == .string(topic))
        #expect(try await ask(service, .get, topic).json["location"] == "here")
        let keys = try await ask(service, .post, topic + "/listKeys")
        #expect(keys.json["key1"]?.string?.isEmpty == false)
        let renewed = try await ask(service, .post, topic + "/regenerateKey", ["keyName": "key1"])
        #expect(renewed.json["key1"] != keys.json["key1"] && renewed.json["key2"] == keys.json["key2"])

        let subscription = topic + "/eventSubscriptions/s"
        let properties: JSONValue = [
            "destination": ["endpointType": "WebHook", "properties": [
                "endpointUrl": "https://example.org/hook", "validation": "none",
                "signingSecrets": [.string(WebhookSecret.random().text)],
            ]],
            "filter": ["subjectBeginsWith": "x"],
        ]
        let added = try await ask(service, .put, subscription, ["properties": properties])
        #expect(added.status == 201)
        #expect(added.json["properties"]?["provisioningState"] == "Succeeded")
        #expect(added.json["properties"]?["destination"]?["properties"]?["signingSecrets"]?[0] == "whsec_…")
        let scoped = topic + "/providers/Microsoft.EventGrid/eventSubscriptions/s"
        #expect(try await ask(service, .get, scoped).json["name"] == "s")
        #expect(try await ask(service, .get, topic + "/eventSubscriptions").json["value"]?.array?.count == 1)
        try events.restart()
        #expect(try events.subscription("s", of: "orders").definition.filter != nil)
        let again = EventService(events.host, isOpen: false) { ["KEY"] }
        #expect(try await ask(again, .delete, subscription).status == 204)
        #expect(try await ask(again, .delete, subscription).status == 204)
        #expect(try await ask(again, .delete, topic).status == 204)
        #expect(try await ask(again, .get, topic).status == 404)
    }

    @Test func namespacesHaveTopicsWithPullSubscriptions() async throws {
        let (events, service) = try make()
        let namespace = Self.base + "/namespaces/n"
        #expect(try await ask(service, .put, namespace, ["location": "here"]).status == 201)
        #expect(try await ask(service, .put, namespace + "/topics/t", .object([])).status == 201)
        let queue: JSONValue = ["properties": ["deliveryConfiguration": ["deliveryMode": "Queue"]]]
        #expect(try await ask(service, .put, namespace + "/topics/t/eventSubscriptions/s", queue).status == 201)
        #expect(try events.subscription("s", of: "t").definition.isPull)
        #expect(try await ask(service, .get, namespace + "/topics").json["value"]?.array?.count == 1)
    }

    @Test func aHandshakeThatFailsIsShownWithItsReason() async throws {
        let (events, service) = try make()
        _ = try await ask(service, .put, "/_orrery/events/topics/orders", .object([]))
        async let put = ask(service, .put, "/_orrery/events/topics/orders/subscriptions/s", [
            "destination": ["endpointType": "WebHook", "properties": ["endpointUrl": "https://example.org/hook"]],
            "eventDeliverySchema": "CloudEventSchemaV1_0",
        ])
        await events.endpoint.next().answer(404)
        let made = try await put
        #expect(made.status == 201)
        #expect(made.json["properties"]?["provisioningState"] == "AwaitingManualAction")
        #expect(made.json["properties"]?["status"]?["reason"]?.string?.contains("answered 404") == true)
    }

    @Test func whatChangesSomethingIsToldOf() async throws {
        let told = Mutex<[String]>([])
        let events = try TestEvents()
        let service = EventService(
            events.host, isOpen: true, onChange: { _, operation, status in
                told.withLock { $0.append("\(operation) \(status)") }
            }, accountKeys: { [] })
        let topic = "/_orrery/events/topics/orders"
        _ = try await ask(service, .put, topic, .object([]))
        _ = try await ask(service, .get, topic)
        _ = try await ask(service, .post, topic + "/listKeys")
        _ = try await ask(service, .put, topic + "/subscriptions/s", ["destination": ["endpointType": "Pull"]])
        _ = try await ask(service, .post, topic + "/subscriptions/s/dryRun", .object([]))
        _ = try await ask(service, .delete, topic + "/subscriptions/s")
        _ = try await ask(service, .delete, "/_orrery/events/bridges/none")
        #expect(told.withLock { $0 } == [
            "putEventTopic 201", "listKeysOfEventTopic 200", "putEventSubscription 201", "deleteEventSubscription 200",
            "deleteEventBridge 204",
        ])
    }

    @Test func nobodyWithoutAKeyGetsIn() async throws {
        let (events, service) = try make()
        defer { withExtendedLifetime(events) {} }
        let refused = try await ask(service, .get, "/_orrery/events/topics", key: "other")
        #expect(refused.status == 401)
        #expect(refused.json["error"]?["code"] == "Unauthorized")
    }

    @Test func whatIsWrongIsSaid() async throws {
        let (events, service) = try make()
        defer { withExtendedLifetime(events) {} }
        _ = try await ask(service, .put, "/_orrery/events/topics/t", .object([]))
        let path = "/_orrery/events/topics/t/subscriptions/s"
        let wrong = try await ask(service, .put, path, ["destination": ["endpointType": "EventHub"]])
        #expect(wrong.status == 400)
        #expect(try await ask(service, .put, "/_orrery/events/topics/a%20b", .object([])).status == 400)
        #expect(try await ask(service, .get, "/_orrery/events/topics/none").status == 404)
        #expect(try await ask(service, .get, path).status == 404)
    }

    @Test func replayRedriveAndDryRun() async throws {
        let (events, service) = try make()
        try await events.makePullTopic()
        try await events.publish("a", "b")
        let begin = events.time.nowMilliseconds
        let received = try await events.receive()
        try await events.conclude([received[0].lockToken], .acknowledge)
        try await events.conclude([received[1].lockToken], .reject)
        let path = "/_orrery/events/topics/t1/subscriptions/s1"
        let letters = try await ask(service, .get, path + "/deadLetters")
        #expect(letters.json["value"]?[0]?["event"]?["id"] == "b")
        #expect(try await ask(service, .post, path + "/redrive").json["redriven"] == 1)
        let again = try await events.receive()
        #expect(again.map(\.event.event.id) == ["b"])
        try await events.conclude(again.map(\.lockToken), .acknowledge)
        #expect(try await ask(service, .get, path + "/deadLetters").json["value"]?.array?.isEmpty == true)

        let replayed = try await ask(service, .post, path + "/replay?time=\(begin)")
        #expect(replayed.status == 202)
        #expect(try await events.receive().map(\.event.event.id) == ["a", "b", "b"])

        let run = try await ask(service, .post, path + "/dryRun", ["filter": ["subjectBeginsWith": "a"]])
        #expect(run.json["matched"]?.array?.map { $0["id"] } == ["a"])
        #expect(run.json["notMatched"]?[0]?["reason"] == "the subject 'b' does not begin with 'a'")
    }

    @Test(arguments: [
        ("9223372036854775807", 400), ("-9223372036854775808", 400), ("253402300800000", 400),
        ("-62167219200001", 400), ("253402300799999", 202), ("-62167219200000", 202),
    ]) func timesThatCannotBeWrittenAreRefused(_ time: String, _ status: Int) async throws {
        let (events, service) = try make()
        try await events.makePullTopic()
        let path = "/_orrery/events/topics/t1/subscriptions/s1"
        #expect(try await ask(service, .post, path + "/replay?time=\(time)").status == status)
        let run = try await ask(service, .post, path + "/dryRun", ["since": .string(time)])
        #expect(run.status == (status == 400 ? 400 : 200))
    }
}
