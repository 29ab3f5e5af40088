import Foundation
import OrreryDatabase
import OrreryDocuments
import OrreryEvents
import OrreryHTTP
import OrreryTelemetry
import Synchronization

/// Event routing: how soon a webhook hears of an event, how many events handlers take, what a thousand subscriptions
/// cost beside ten, and what a million events cost that wait for an endpoint that is not there.
struct EventBenchmark {
    let seconds: Double
    let handledCount: Int
    let waitingCount: Int

    static let p99MillisecondsMax = 20.0
    static let perSecondMin = 10_000.0
    static let ratioMax = 2.0

    func run() throws {
        print("\nEvents")
        try measureMatching()
        try measureLatency()
        try measureHandlers()
        try measureWaiting()
    }

    // MARK: A host in a folder of its own

    private func withHost(_ body: (EventHost) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("orrery-bench-events-\(getpid())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let account = try Account(directory: folder.path)
        defer { account.close() }
        var client = HTTPClientConfiguration()
        client.addressPolicy = .everywhere
        let host = EventHost(
            account: account, metrics: MetricsRegistry(),
            webhooks: WebhookSender(try HTTPClient(configuration: client)))
        try host.start()
        defer { host.stop() }
        try body(host)
    }

    private func subscribe(_ name: String, _ properties: String, to topic: TopicDefinition, of host: EventHost) throws {
        let definition = try SubscriptionDefinition(
            topic: topic, name: name, properties: JSONValue(parsing: Array(properties.utf8)))
        try wait { try await host.putSubscription(definition) }
    }

    // MARK: Latency

    /// A thousand events a second, each for one of ten webhooks on this machine. From the commit to the arrival.
    private func measureLatency() throws {
        let times = EventTimes()
        let server = try HTTPServer(configuration: HTTPServerConfiguration()) { request, responder in
            let now = monotonicNanoseconds()
            if let id = (try? JSONValue(parsing: request.body))?["id"]?.string {
                times.arrivals.withLock { $0[id] = now }
            }
            responder.respond(HTTPResponse(status: 200))
        }
        defer { server.stop() }
        try withHost { host in
            let topic = try TopicDefinition("bench", kind: .basic, inputSchema: .cloudEvents)
            try wait { try await host.putTopic(topic) }
            for number in 0..<10 {
                let endpoint = #"{"endpointUrl":"http://127.0.0.1:\#(server.port)/","validation":"none"}"#
                try subscribe(
                    "hook\(number)",
                    #"{"destination":{"endpointType":"WebHook","properties":\#(endpoint)},"deliveryLog":"failures","#
                        + #""filter":{"includedEventTypes":["T\#(number)"]}}"#,
                    to: topic, of: host)
            }
            let count = Int(seconds * 2000)
            let begin = monotonicNanoseconds()
            for number in 0..<count {
                while monotonicNanoseconds() < begin + UInt64(number) * 1_000_000 { usleep(200) }
                let event = Event(
                    id: "\(number)", source: "/bench", type: "T\(number % 10)",
                    data: .json(Array(#"{"total":42}"#.utf8)))
                Task {
                    try? await host.publish([event], to: "bench")
                    times.commits.withLock { $0[event.id] = monotonicNanoseconds() }
                }
            }
            try until {
                times.arrivals.withLock { $0.count } == count && times.commits.withLock { $0.count } == count
            }
            let arrived = times.arrivals.withLock { $0 }
            let delays = times.commits.withLock { $0 }.map { id, commit in
                Double((arrived[id] ?? .max) - min(commit, arrived[id] ?? 0)) / 1e6
            }.sorted()
            let p99 = delays[delays.count * 99 / 100]
            print("1,000 events/s, 10 webhooks, commit to arrival: p50 \(rounded(delays[delays.count / 2], 1)) ms, "
                + "p99 \(rounded(p99, 1)) ms")
            judge("p99 of at most \(Int(Self.p99MillisecondsMax)) ms", p99 <= Self.p99MillisecondsMax)
        }
    }

    // MARK: Handlers

    /// Events that are published and handled as fast as that goes.
    private func measureHandlers() throws {
        try withHost { host in
            let topic = try TopicDefinition("bench", kind: .basic, inputSchema: .cloudEvents)
            try wait { try await host.putTopic(topic) }
            let times = EventTimes()
            host.register("count") { times.handledCount.add($0.count, ordering: .relaxed) }
            try subscribe(
                "handler",
                #"{"destination":{"endpointType":"Handler","properties":{"name":"count"}},"deliveryLog":"failures"}"#,
                to: topic, of: host)
            let begin = monotonicNanoseconds()
            try publish(handledCount, to: "bench", of: host)
            try until { times.handledCount.load(ordering: .relaxed) >= handledCount }
            let perSecond = Double(handledCount) / (Double(monotonicNanoseconds() - begin) / 1e9)
            print("\(handledCount) events published and handled: \(Int(perSecond)) a second")
            judge("at least \(Int(Self.perSecondMin)) a second", perSecond >= Self.perSecondMin)
        }
    }

    /// Publishes in requests of a hundred, eight at a time.
    private func publish(_ count: Int, to topic: String, of host: EventHost) throws {
        let free = DispatchSemaphore(value: 8)
        for batch in 0..<(count / 100) {
            free.wait()
            let events = (0..<100).map { number in
                Event(
                    id: "\(batch * 100 + number)", source: "/bench", type: "T", subject: "s\(number)",
                    data: .json(Array(#"{"total":42}"#.utf8)))
            }
            Task {
                try? await host.publish(events, to: topic)
                free.signal()
            }
        }
        for _ in 0..<8 { free.wait() }
        for _ in 0..<8 { free.signal() }
    }

    // MARK: Matching

    /// The time to find an event's subscriptions among ten and among a thousand, by turns.
    private func measureMatching() throws {
        func index(_ count: Int) throws -> FilterIndex {
            FilterIndex(
                try (0..<count).map { number in
                    try Filter(
                        FilterDefinition(includedEventTypes: ["T\(number % 10)"], subjectBeginsWith: "s\(number)/"),
                        schema: .cloudEvents)
                })
        }
        let (few, many) = (try index(10), try index(1000))
        let events = (0..<1000).map { Event(id: "\($0)", source: "/", type: "T\($0 % 10)", subject: "s\($0 % 10)/x") }
        var times: (few: [Double], many: [Double]) = ([], [])
        for _ in 0..<11 {
            times.few.append(time(few, events))
            times.many.append(time(many, events))
        }
        let (few50, many50) = (times.few.sorted()[5], times.many.sorted()[5])
        print("matching: 10 subscriptions \(rounded(few50, 2)) µs an event, 1,000 \(rounded(many50, 2)) µs, "
            + "ratio \(rounded(many50 / few50, 2))")
        judge("a ratio of at most \(Int(Self.ratioMax))", many50 / few50 <= Self.ratioMax)
    }

    private func time(_ index: FilterIndex, _ events: [Event]) -> Double {
        let begin = monotonicNanoseconds()
        var matchCount = 0
        for _ in 0..<20 {
            for event in events {
                var candidate = EventCandidate(event)
                matchCount += index.matches(&candidate).count
            }
        }
        precondition(matchCount == 20 * events.count, "each event is for one subscription")
        return Double(monotonicNanoseconds() - begin) / Double(20 * events.count) / 1000
    }

    // MARK: Waiting

    /// Events that wait for an endpoint that is not there: what memory they take.
    private func measureWaiting() throws {
        try withHost { host in
            let topic = try TopicDefinition("bench", kind: .basic, inputSchema: .cloudEvents)
            try wait { try await host.putTopic(topic) }
            try subscribe(
                "dead",
                #"{"destination":{"endpointType":"WebHook","properties":"#
                    + #"{"endpointUrl":"http://127.0.0.1:1/","validation":"none"}},"deliveryLog":"none"}"#,
                to: topic, of: host)
            try publish(10_000, to: "bench", of: host)
            let before = residentBytes()
            try publish(waitingCount, to: "bench", of: host)
            let grown = Double(residentBytes() - before) / 1e6
            print("\(waitingCount) events that wait for a dead endpoint: resident memory grew by \(Int(grown)) MB")
        }
    }

    private func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }

    // MARK: Waiting for what is done

    private func judge(_ what: String, _ holds: Bool) {
        print("must hold: \(what) — " + (holds ? "holds" : "FAILS"))
    }

    private func until(_ holds: () -> Bool) throws {
        let deadline = monotonicNanoseconds() + 120_000_000_000
        while !holds() {
            guard monotonicNanoseconds() < deadline else { throw BenchError(description: "events did not arrive") }
            usleep(5000)
        }
    }
}

/// What is noted of events, from many threads: nanoseconds by ids.
private final class EventTimes: Sendable {
    let arrivals = Mutex<[String: UInt64]>([:])
    let commits = Mutex<[String: UInt64]>([:])
    let handledCount = Atomic(0)
}
