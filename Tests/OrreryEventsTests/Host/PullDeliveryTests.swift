import OrreryDocuments
import Synchronization
import Testing

@testable import OrreryEvents

@Suite struct PullDeliveryTests {
    @Test func whatIsAcknowledgedIsGone() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        try await events.publish("a", "b", "c")
        let received = try await events.receive(2)
        #expect(received.map(\.event.event.id) == ["a", "b"])
        #expect(received.map(\.deliveryCount) == [1, 1])
        let tokens = received.map(\.lockToken)
        #expect(try await events.conclude(tokens, .acknowledge) == [true, true])
        #expect(try await events.conclude(tokens, .acknowledge) == [false, false])
        try events.restart()
        #expect(try await events.receive().map(\.event.event.id) == ["c"])
    }

    @Test func aReceiverWaits() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        async let received = events.receive()
        try await events.publish("late")
        #expect(try await received.map(\.event.event.id) == ["late"])
    }

    @Test func aReceiverHearsOfNothingWhenItsWaitIsOver() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        #expect(try await events.receive(waitMilliseconds: 0).isEmpty)
    }

    @Test func locksEnd() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        try await events.publish("a")
        let first = try await events.receive()
        #expect(try await events.receive(waitMilliseconds: 0).isEmpty)
        events.time.advance(milliseconds: 61_000)
        #expect(try await events.conclude(first.map(\.lockToken), .acknowledge) == [false])
        let second = try await events.receive()
        #expect(second.map(\.deliveryCount) == [2])
    }

    @Test func locksAreRenewed() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        try await events.publish("a")
        let tokens = try await events.receive().map(\.lockToken)
        events.time.advance(milliseconds: 40_000)
        #expect(try await events.conclude(tokens, .renewLock) == [true])
        events.time.advance(milliseconds: 40_000)
        #expect(try await events.conclude(tokens, .acknowledge) == [true])
    }

    @Test func releasedWithDelay() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        try await events.publish("a")
        let tokens = try await events.receive().map(\.lockToken)
        try await events.conclude(tokens, .release(delayMilliseconds: 10_000))
        #expect(try await events.receive(waitMilliseconds: 0).isEmpty)
        events.time.advance(milliseconds: 10_001)
        #expect(try await events.receive().map(\.deliveryCount) == [2])
    }

    @Test func locksOutliveARestart() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        try await events.publish("a", "b")
        let received = try await events.receive(2)
        try await events.conclude([received[0].lockToken], .acknowledge)
        try events.restart()
        #expect(try await events.receive(waitMilliseconds: 0).isEmpty)
        #expect(try await events.conclude([received[1].lockToken], .acknowledge) == [true])
    }

    @Test func rejectedAndExhaustedEventsAreDeadLetters() async throws {
        let events = try TestEvents()
        try await events.makePullTopic("t1", ["maxDeliveryCount": 1])
        try await events.publish("bad", "tired")
        let received = try await events.receive(2)
        try await events.conclude([received[0].lockToken], .reject)
        try await events.conclude([received[1].lockToken], .release(delayMilliseconds: 0))
        let letters = try events.items(of: EventDeadLetters.containerName)
        let reasons = Dictionary(uniqueKeysWithValues: letters.map { ($0["eventId"], $0["deadLetterReason"]) }
            .map { ($0.0?.string ?? "", $0.1?.string ?? "") })
        #expect(reasons == ["bad": "Rejected", "tired": "MaxDeliveryAttemptsExceeded"])
        #expect(try await events.receive(waitMilliseconds: 0).isEmpty)
    }

    @Test func aWindowThatIsFullReadsOnLater() async throws {
        let events = try TestEvents()
        try await events.makePullTopic()
        let count = DeliveryQueue.countMax * 2 + 500
        for batch in 0..<(count / 100) {
            let ids = (0..<100).map { Event(id: "\(batch * 100 + $0)", source: "/test", type: "T") }
            try await events.host.publish(ids, to: "t1")
        }
        var seen: [String] = []
        while seen.count < count {
            let received = try await events.receive(100)
            try #require(!received.isEmpty)
            seen += received.map(\.event.event.id)
            try await events.conclude(received.map(\.lockToken), .acknowledge)
        }
        #expect(seen == (0..<count).map { "\($0)" })
        #expect(try events.subscription().state.withLock { $0.queue.count } == 0)
    }
}
