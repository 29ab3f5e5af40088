import OrreryDocuments
import OrreryHTTP
import OrreryTelemetry
import Synchronization
import Testing

@testable import OrreryEvents

@Suite struct PushDeliveryTests {
    private static let url = "https://example.org/hook"

    /// A host with a basic topic `orders` and a webhook `w`, which need not agree unless that is asked for.
    private func make(
        _ more: JSONValue = .object([]), hook: JSONValue = .object([]), validation: JSONValue = "none"
    ) async throws -> (TestEvents, Subscription) {
        let events = try TestEvents()
        let topic = try TopicDefinition("orders", kind: .basic, inputSchema: .cloudEvents)
        try await events.host.putTopic(topic)
        var properties = more
        var webhook = hook
        webhook["endpointUrl"] = .string(Self.url)
        webhook["validation"] = validation
        properties["destination"] = ["endpointType": "WebHook", "properties": webhook]
        try await events.host.putSubscription(
            SubscriptionDefinition(topic: topic, name: "w", properties: properties))
        return (events, try events.subscription("w", of: "orders"))
    }

    /// Lets time pass until something of the subscription is due, and answers how long that was.
    private func passTime(_ events: TestEvents, _ subscription: Subscription) throws -> Int64 {
        let due = try #require(subscription.state.withLock { state in
            let now = events.time.nowMilliseconds
            return state.queue.nextDueMilliseconds ?? state.push.waitsUntilMilliseconds(nowMilliseconds: now)
        })
        let wait = due - events.time.nowMilliseconds
        events.time.advance(milliseconds: wait)
        return wait
    }

    @Test func anEventArrives() async throws {
        let (events, subscription) = try await make(hook: [
            "deliveryAttributeMappings": [
                ["name": "X-Fixed", "type": "Static", "properties": ["value": "yes"]],
                ["name": "X-Subject", "type": "Dynamic", "properties": ["sourceField": "subject"]],
            ],
        ])
        try await events.publish("a", to: "orders")
        let call = await events.endpoint.next()
        #expect(call.request.url == Self.url)
        #expect(call.header("content-type") == "application/cloudevents+json; charset=utf-8")
        #expect(call.header("aeg-event-type") == "Notification")
        #expect(call.header("aeg-subscription-name") == "W")
        #expect(call.header("aeg-delivery-count") == "0")
        #expect(call.header("x-fixed") == "yes")
        #expect(call.header("x-subject") == "a")
        #expect(try JSONValue(parsing: call.body)["id"] == "a")
        call.answer(200)
        #expect(subscription.state.withLock { $0.queue.count } == 0)
        #expect(subscription.counters.delivered.value == 1)
    }

    @Test func theScheduleOfADayIsKept() async throws {
        let (events, subscription) = try await make()
        try await events.publish("a", to: "orders")
        var waits: [Int64] = []
        while true {
            let call = await events.endpoint.next()
            #expect(call.header("aeg-delivery-count") == "\(waits.count)")
            call.answer(500)
            if subscription.state.withLock({ $0.queue.nextDueMilliseconds }) == nil { break }
            waits.append(try passTime(events, subscription) / 1000)
        }
        // 10 s, 30 s, 1 m, 5 m, 10 m, 30 m, 1 h, 3 h, 6 h, 12 h, each with half of a tenth more; then a day is over.
        #expect(waits == [10, 31, 63, 315, 630, 1890, 3780, 11_340, 22_680, 45_360])
        let letters = try await events.deadLetters()
        #expect(letters.map { $0["deadLetterReason"] } == ["TimeToLiveExceeded"])
        #expect(letters.first?["deliveryAttempts"] == 11)
        #expect(letters.first?["lastDeliveryOutcome"] == "GenericError")
    }

    @Test(arguments: [400, 401, 403, 413])
    func whatIsNeverRetried(status: Int) async throws {
        let (events, _) = try await make()
        try await events.publish("a", to: "orders")
        await events.endpoint.next().answer(status)
        let letters = try await events.deadLetters()
        #expect(letters.map { $0["deadLetterReason"] } == ["NonRetriableFailure"])
        #expect(letters.first?["lastHttpStatusCode"] == .number(status))
    }

    @Test func retryAfterIsHonoured() async throws {
        let (events, subscription) = try await make()
        try await events.publish("a", to: "orders")
        await events.endpoint.next().answer(429, headers: [("Retry-After", "100")])
        #expect(try passTime(events, subscription) == 105_000)
        await events.endpoint.next().answer(204)
        #expect(subscription.state.withLock { $0.queue.count } == 0)
    }

    @Test func retryAfterMayBeADate() async throws {
        let (events, subscription) = try await make()
        try await events.publish("a", to: "orders")
        let date = HTTPDate.text(seconds: events.time.nowMilliseconds / 1000 + 200)
        await events.endpoint.next().answer(503, headers: [("Retry-After", date)])
        #expect(try passTime(events, subscription) == 210_000)
        let past = HTTPDate.text(seconds: events.time.nowMilliseconds / 1000 - 200)
        await events.endpoint.next().answer(503, headers: [("Retry-After", past)])
        #expect(try passTime(events, subscription) == 1050)
        await events.endpoint.next().answer(204)
        #expect(subscription.state.withLock { $0.queue.count } == 0)
    }

    @Test func goneIsGoneAfterARestart() async throws {
        let (events, _) = try await make(["retryPolicy": ["eventTimeToLiveInMinutes": 5]])
        try await events.publish("a", to: "orders")
        await events.endpoint.next().answer(410)
        #expect(try await events.deadLetters().map { $0["deadLetterReason"] } == ["DestinationGone"])
        try await events.until { try events.items(of: "event-subscriptions").contains { $0["goneSince"] != nil } }
        try events.restart()
        let subscription = try events.subscription("w", of: "orders")
        #expect(subscription.status.json["goneSince"] != nil)
        #expect(subscription.status.json["state"] == "Held")
        try await events.publish("b", to: "orders")
        try await events.until { subscription.state.withLock { $0.queue.count } == 1 }
        #expect(events.endpoint.callCount == 0)
        // Whoever writes the subscription again says that the endpoint is back.
        try await events.host.putSubscription(subscription.definition)
        let call = await events.endpoint.next()
        #expect(try JSONValue(parsing: call.body)["id"] == "b")
        call.answer(200)
        try events.restart()
        #expect(try events.subscription("w", of: "orders").status.json["state"] == "Active")
    }

    @Test func aSubscriptionEndsWithItsTime() async throws {
        let (events, _) = try await make()
        let topic = try events.host.topic("orders").definition
        let end = EventTime(microseconds: (events.time.nowMilliseconds + 90_000_000) * 1000).text
        let properties: JSONValue = ["expirationTimeUtc": .string(end), "destination": ["endpointType": "Pull"]]
        try await events.host.putSubscription(
            SubscriptionDefinition(topic: topic, name: "short", properties: properties))
        // Longer than one timer waits, and over a restart.
        events.time.advance(milliseconds: 89_000_000)
        try events.restart()
        #expect(try events.host.topic("orders").subscription("short") != nil)
        events.time.advance(milliseconds: 1_000_000)
        try await events.until { try events.host.topic("orders").subscription("short") == nil }
        try await events.until { try events.items(of: "event-subscriptions").count == 1 }
        try events.restart()
        #expect(try events.host.topic("orders").subscription("short") == nil)
        #expect(try events.host.topic("orders").subscription("w") != nil)
    }

    @Test func attemptsAreWrittenDown() async throws {
        let (events, subscription) = try await make()
        try await events.publish("a", to: "orders")
        await events.endpoint.next().answer(500, body: "no room")
        _ = try passTime(events, subscription)
        await events.endpoint.next().answer(200)
        func log() throws -> [JSONValue] {
            (try? events.items(of: DeliveryLog.containerName)) ?? []
        }
        try await events.until(passing: 200) { try log().count == 2 }
        let entries = try log().sorted { ($0["attempt"]?.int64 ?? 0) < ($1["attempt"]?.int64 ?? 0) }
        #expect(entries.map { $0["outcome"] } == ["GenericError", "Delivered"])
        #expect(entries.map { $0["status"] } == [500, 200])
        #expect(entries.map { $0["eventId"] } == ["a", "a"])
        #expect(entries.map { $0["subscription"] } == ["orders/w", "orders/w"])
        #expect(entries.first?["message"] == "status 500 no room")
    }

    @Test func whatIsNotToBeWrittenDownIsNot() async throws {
        let (events, subscription) = try await make(["deliveryLog": "failures"])
        try await events.publish("a", to: "orders")
        await events.endpoint.next().answer(200)
        try await events.publish("b", to: "orders")
        await events.endpoint.next().answer(400)
        _ = try await events.deadLetters()
        try await events.until { subscription.state.withLock { $0.queue.count } == 0 }
        try await events.until(passing: 200) { ((try? events.items(of: DeliveryLog.containerName)) ?? []).count == 2 }
        let entries = try events.items(of: DeliveryLog.containerName)
        #expect(Set(entries.compactMap { $0["eventId"]?.string }) == ["b"])
        #expect(Set(entries.compactMap { $0["outcome"]?.string }) == ["BadRequest", "deadLettered"])
    }

    @Test func attemptsAreCounted() async throws {
        let (events, subscription) = try await make(["retryPolicy": ["maxDeliveryAttempts": 2]])
        try await events.publish("a", to: "orders")
        await events.endpoint.next().answer(500)
        _ = try passTime(events, subscription)
        await events.endpoint.next().answer(500)
        #expect(try await events.deadLetters().map { $0["deadLetterReason"] } == ["MaxDeliveryAttemptsExceeded"])
    }

    @Test func goneEndsTheSubscription() async throws {
        let (events, subscription) = try await make()
        try await events.publish("a", to: "orders")
        await events.endpoint.next().answer(410)
        #expect(try await events.deadLetters().map { $0["deadLetterReason"] } == ["DestinationGone"])
        try await events.publish("b", to: "orders")
        guard case .withdrawn = subscription.state.withLock({ $0.push.agreement }) else {
            Issue.record("the subscription goes on")
            return
        }
        #expect(events.endpoint.callCount == 0)
    }

    @Test func batchesAreOneOfAllOrNothing() async throws {
        let (events, subscription) = try await make(
            ["maxConcurrentDeliveries": 1], hook: ["maxEventsPerBatch": 3])
        try await events.publish("a", "b", "c", "d", to: "orders")
        let first = await events.endpoint.next()
        #expect(first.header("content-type") == "application/cloudevents-batch+json; charset=utf-8")
        #expect(try JSONValue(parsing: first.body).array?.map { $0["id"] } == ["a", "b", "c"])
        first.answer(500)
        await events.endpoint.next().answer(200)
        #expect(subscription.state.withLock { $0.queue.count } == 3)
        _ = try passTime(events, subscription)
        let again = await events.endpoint.next()
        #expect(try JSONValue(parsing: again.body).array?.count == 3)
        again.answer(200)
        #expect(subscription.state.withLock { $0.queue.count } == 0)
    }

    @Test func whatWasNotDeliveredOutlivesARestart() async throws {
        let (events, _) = try await make()
        try await events.publish("a", "b", to: "orders")
        await events.endpoint.next().answer(200)
        await events.endpoint.next().answer(500)
        try events.restart()
        let subscription = try events.subscription("w", of: "orders")
        _ = try passTime(events, subscription)
        let call = await events.endpoint.next()
        #expect(call.header("aeg-delivery-count") == "1")
        call.answer(200)
        #expect(subscription.state.withLock { $0.queue.count } == 0)
        #expect(events.endpoint.callCount == 0)
    }

    @Test func eventsOfASubjectWaitForEachOther() async throws {
        let (events, subscription) = try await make(["orderedBySubject": true])
        let list = [("1", "x"), ("2", "x"), ("3", "y")].map { Event(id: $0.0, source: "/", type: "T", subject: $0.1) }
        try await events.host.publish(list, to: "orders")
        let (first, other) = (await events.endpoint.next(), await events.endpoint.next())
        #expect(try JSONValue(parsing: first.body)["id"] == "1")
        #expect(try JSONValue(parsing: other.body)["id"] == "3")
        other.answer(200)
        first.answer(500)
        #expect(events.endpoint.callCount == 0)
        _ = try passTime(events, subscription)
        let again = await events.endpoint.next()
        #expect(try JSONValue(parsing: again.body)["id"] == "1")
        again.answer(200)
        let last = await events.endpoint.next()
        #expect(try JSONValue(parsing: last.body)["id"] == "2")
        last.answer(200)
    }

    @Test func anEndpointThatFailsIsOnProbationUntilItAnswers() async throws {
        let (events, subscription) = try await make(["maxConcurrentDeliveries": 12])
        let ids = (0..<12).map { Event(id: "\($0)", source: "/", type: "T") }
        try await events.host.publish(ids, to: "orders")
        for _ in 0..<12 { await events.endpoint.next().answer(503) }
        #expect(subscription.state.withLock { $0.push.probation } != nil)
        try await events.publish("new", to: "orders")
        #expect(events.endpoint.callCount == 0)
        events.time.advance(milliseconds: 60_000)
        let probe = await events.endpoint.next()
        #expect(events.endpoint.callCount == 0)
        probe.answer(200)
        for _ in 0..<12 { await events.endpoint.next().answer(200) }
        #expect(subscription.state.withLock { $0.push.probation } == nil)
        #expect(subscription.state.withLock { $0.queue.count } == 0)
    }

    @Test func filtersSayWhatIsDelivered() async throws {
        let (events, _) = try await make(["filter": ["subjectBeginsWith": "keep"]])
        try await events.publish("drop-1", "keep-1", "drop-2", "keep-2", to: "orders")
        let calls = [await events.endpoint.next(), await events.endpoint.next()]
        let ids = try calls.map { try JSONValue(parsing: $0.body)["id"]?.string ?? "" }
        #expect(ids.sorted() == ["keep-1", "keep-2"])
        for call in calls { call.answer(200) }
        #expect(events.endpoint.callCount == 0)
    }

    @Test func deliveriesAreSigned() async throws {
        let secret = WebhookSecret.random()
        let (events, _) = try await make(hook: ["signingSecrets": [.string(secret.text)]])
        try await events.publish("a", to: "orders")
        let call = await events.endpoint.next()
        let signature = WebhookSignature([secret])
        #expect(signature.verifies(
            id: call.header("webhook-id") ?? "", timestamp: call.header("webhook-timestamp") ?? "",
            signature: call.header("webhook-signature") ?? "", body: call.request.body,
            nowSeconds: events.time.nowMilliseconds / 1000))
        call.answer(200)
    }

    // MARK: Handshakes

    @Test func theCloudEventsHandshakeIsRetriedWithAReason() async throws {
        let (events, subscription) = try await make(validation: .null)
        try await events.publish("a", to: "orders")
        let first = await events.endpoint.next()
        #expect(first.request.method == .options)
        #expect(first.header("webhook-request-origin") == "orrery")
        first.answer(404)
        guard case .missing(let reason) = subscription.state.withLock({ $0.push.agreement }) else {
            Issue.record("agreed")
            return
        }
        #expect(reason.contains("answered 404"))
        events.time.advance(milliseconds: 2000)
        await events.endpoint.next().answer(200, headers: [("WebHook-Allowed-Origin", "*")])
        let delivery = await events.endpoint.next()
        #expect(try JSONValue(parsing: delivery.body)["id"] == "a")
        delivery.answer(200)
    }

    @Test func anEndpointThatNeverAgreesHasFailedAfterTenMinutes() async throws {
        let (events, subscription) = try await make(validation: .null)
        await events.endpoint.next().answer(200)
        #expect(subscription.status.provisioningState == "AwaitingManualAction")
        events.time.advance(milliseconds: WebhookHandshake.manualMilliseconds)
        #expect(subscription.status.provisioningState == "Failed")
        #expect(!subscription.agree(code: subscription.validationCode))
        // It is asked again for a day, in case it comes to agree by itself, and then no more.
        var askedCount = 1
        for _ in 0..<(2 * 24 * 6) {
            while events.endpoint.callCount > 0 {
                await events.endpoint.next().answer(404)
                askedCount += 1
            }
            events.time.advance(milliseconds: 600_000)
        }
        #expect(askedCount > 10 && askedCount < 60)
        #expect(subscription.status.provisioningState == "Failed")
        #expect(subscription.status.reason?.contains("no more") == true)
        // Whoever writes it anew has it asked anew.
        try await events.host.putSubscription(subscription.definition)
        let written = try events.subscription("w", of: "orders")
        #expect(written.status.provisioningState == "AwaitingManualAction")
        await events.endpoint.next().answer(200, headers: [("WebHook-Allowed-Origin", "*")])
        #expect(written.status.provisioningState == "Succeeded")
    }

    @Test func theValidationEventsCodeIsSentBack() async throws {
        let (events, subscription) = try await make(["eventDeliverySchema": "CloudEventSchemaV1_0"], validation: .null)
        let handshake = WebhookHandshake(
            topic: "orders", subscription: "w", url: Self.url, method: .validationEvent, code: "CODE",
            validationURL: "http://here")
        let request = handshake.request(now: EventTime(microseconds: 0))
        let event = try JSONValue(parsing: request.body)[0]
        #expect(event?["eventType"] == "Microsoft.EventGrid.SubscriptionValidationEvent")
        #expect(event?["data"]?["validationCode"] == "CODE")
        func verdict(_ body: String) -> WebhookHandshake.Verdict {
            handshake.verdict(.success(.init(status: 200, body: Array(body.utf8))))
        }
        #expect(verdict(#"{"validationResponse":"code"}"#) == .agreed)
        #expect(verdict("") == .awaitsManualAction)
        #expect(verdict(#"{"validationResponse":"other"}"#) != .agreed)
        #expect(!subscription.agree(code: "other"))
        #expect(subscription.agree(code: subscription.validationCode))
        #expect(subscription.isAgreed)
        await events.endpoint.next().answer(404)
        #expect(subscription.isAgreed)
    }
}
