import Foundation
import OrreryDatabase
import OrreryDocuments
import OrreryEngine
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
    /// A queue in memory would keep the event's text at least, some 300 bytes.
    static let waitingBytesMax = 32.0

    func run() throws {
        print("\nEvents")
        try measureMatching()
        try measureLatency()
        try measureHandlers()
        try measureWaiting()
    }

    // MARK: A host in a folder of its own

    /// - Parameter onSend: hears of each request that is handed to the HTTP client.
    private func withHost(
        onSend: @escaping @Sendable (HTTPClientRequest) -> Void = { _ in }, _ body: (EventHost) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("orrery-bench-events-\(getpid())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let account = try Account(directory: folder.path)
        defer { account.close() }
        var client = HTTPClientConfiguration()
        client.addressPolicy = .everywhere
        let http = try HTTPClient(configuration: client)
        defer { http.stop() }
        let sender = WebhookSender { request, completion in
            onSend(request)
            http.send(request, completion: completion)
        }
        let host = EventHost(account: account, metrics: MetricsRegistry(), webhooks: sender)
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

    private static let hookCount = 10

    /// A thousand events a second, each for all of ten webhooks on this machine: ten thousand requests a second. From
    /// the commit to the request's being handed to the HTTP client, and to its arrival.
    private func measureLatency() throws {
        let count = Int(seconds * 1000)
        let times = EventTimes(eventCount: count, hookCount: Self.hookCount)
        let servers = try (0..<Self.hookCount).map { hook in
            try HTTPServer(configuration: HTTPServerConfiguration()) { request, responder in
                times.arrived(request.body, hook)
                responder.respond(HTTPResponse(status: 200))
            }
        }
        defer { for server in servers { server.stop() } }
        let hooks = Dictionary(uniqueKeysWithValues: servers.enumerated().map { ("\($1.port)", $0) })
        try withHost(onSend: { request in times.sent(request, hooks) }) { host in
            let topic = try TopicDefinition("bench", kind: .basic, inputSchema: .cloudEvents)
            try wait { try await host.putTopic(topic) }
            for (number, server) in servers.enumerated() {
                let endpoint = #"{"endpointUrl":"http://127.0.0.1:\#(server.port)/","validation":"none"}"#
                try subscribe(
                    "hook\(number)",
                    #"{"destination":{"endpointType":"WebHook","properties":\#(endpoint)},"deliveryLog":"failures"}"#,
                    to: topic, of: host)
            }
            try publishSteadily(count, of: host, times)
            try until { times.isComplete }
            print("1,000 events/s to each of \(Self.hookCount) webhooks, \(count) events")
            let sent = times.delays { $0.sends }
            print("  commit to request: \(quantiles(sent))")
            print("  commit to arrival: \(quantiles(times.delays { $0.arrivals }))")
            let p99 = sent[sent.count * 99 / 100]
            judge("p99 of at most \(Int(Self.p99MillisecondsMax)) ms to the request", p99 <= Self.p99MillisecondsMax)
        }
    }

    private func publishSteadily(_ count: Int, of host: EventHost, _ times: EventTimes) throws {
        let begin = monotonicNanoseconds()
        for number in 0..<count {
            while monotonicNanoseconds() < begin + UInt64(number) * 1_000_000 { usleep(200) }
            let event = Event(
                id: "\(number)", source: "/bench", type: "T", data: .json(Array(#"{"total":42}"#.utf8)))
            Task {
                try? await host.publish([event], to: "bench")
                times.committed(number)
            }
        }
    }

    private func quantiles(_ delays: [Double]) -> String {
        func at(_ part: Double) -> String {
            rounded(delays[min(Int(Double(delays.count) * part), delays.count - 1)], 1)
        }
        return "p50 \(at(0.5)) ms, p99 \(at(0.99)) ms, p99.9 \(at(0.999)) ms, longest \(at(1)) ms"
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
                matchCount += index.matches(&candidate) { _, _ in }.count
            }
        }
        precondition(matchCount == 20 * events.count, "each event is for one subscription")
        return Double(monotonicNanoseconds() - begin) / Double(20 * events.count) / 1000
    }

    // MARK: Waiting

    /// Events that wait for an endpoint that is not there: what memory they take. The pages of mapped files are the
    /// disk's, which the system takes back when it needs them; the rest is memory.
    private func measureWaiting() throws {
        try withHost { host in
            let topic = try TopicDefinition("bench", kind: .basic, inputSchema: .cloudEvents)
            try wait { try await host.putTopic(topic) }
            try subscribe(
                "dead",
                #"{"destination":{"endpointType":"WebHook","properties":"#
                    + #"{"endpointUrl":"http://127.0.0.1:1/","validation":"none"}},"deliveryLog":"none"}"#,
                to: topic, of: host)
            // What a full window and a full delta take is there from here on.
            let warm = 100_000
            try publish(warm, to: "bench", of: host)
            var before = try ResidentMemory()
            print("events that wait for a dead endpoint, \(warm): \(before)")
            let first = before
            for part in 1...4 {
                try publish(waitingCount / 4, to: "bench", of: host)
                let now = try ResidentMemory()
                print("  \(warm + waitingCount * part / 4): \(now)")
                before = now
            }
            let grown = Double(before.anonymousBytes - first.anonymousBytes) / Double(waitingCount)
            print("\(waitingCount) more events that wait: \(rounded(grown, 1)) bytes of memory each")
            judge("at most \(Int(Self.waitingBytesMax)) bytes of memory an event", grown <= Self.waitingBytesMax)
        }
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

/// What is noted of events, from many threads: nanoseconds by their numbers, and by webhooks.
private final class EventTimes: Sendable {
    struct Notes {
        var commits: [UInt64]
        var sends: [UInt64]
        var arrivals: [UInt64]
        var missingCount: Int
    }

    let handledCount = Atomic(0)
    private let hookCount: Int
    // A mutex that is handed from thread to thread would be what is measured.
    private let notes: Lock<Notes>

    init(eventCount: Int = 0, hookCount: Int = 0) {
        self.hookCount = hookCount
        let none = [UInt64](repeating: 0, count: eventCount * hookCount)
        notes = Lock(
            Notes(
                commits: Array(repeating: 0, count: eventCount), sends: none, arrivals: none,
                missingCount: eventCount * (hookCount + 1)))
    }

    func committed(_ number: Int) {
        let now = monotonicNanoseconds()
        notes.withLock { notes in
            notes.commits[number] = now
            notes.missingCount -= 1
        }
    }

    func sent(_ request: HTTPClientRequest, _ hooks: [String: Int]) {
        let now = monotonicNanoseconds()
        let port = request.url.split(separator: ":").last.map { $0.prefix { $0 != "/" } } ?? ""
        guard let number = number(request.body), let hook = hooks[String(port)] else { return }
        notes.withLock { $0.sends[number * hookCount + hook] = now }
    }

    func arrived(_ body: [UInt8], _ hook: Int) {
        let now = monotonicNanoseconds()
        guard let number = number(body) else { return }
        notes.withLock { notes in
            if notes.arrivals[number * hookCount + hook] == 0 { notes.missingCount -= 1 }
            notes.arrivals[number * hookCount + hook] = now
        }
    }

    private func number(_ body: [UInt8]) -> Int? {
        (try? JSONDocument(parsing: body))?.root["id"]?.string.flatMap { Int($0) }
    }

    var isComplete: Bool { notes.withLock { $0.missingCount == 0 } }

    /// Milliseconds from each event's commit, ascending. What was faster than its publisher heard of it counts as 0.
    func delays(of times: (Notes) -> [UInt64]) -> [Double] {
        let notes = notes.withLock { $0 }
        return times(notes).enumerated().map { index, time in
            let commit = notes.commits[index / hookCount]
            return Double(max(time, commit) - commit) / 1e6
        }.sorted()
    }
}

/// What a process has in memory (`/proc/self/status`).
private struct ResidentMemory: CustomStringConvertible {
    /// Its own: not of any file.
    let anonymousBytes: Int
    /// Pages of mapped files.
    let fileBytes: Int

    init() throws {
        let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        func bytes(_ name: String) -> Int {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
            let words = line?.split { $0 == " " || $0 == "\t" } ?? []
            return (words.dropFirst().first.flatMap { Int($0) } ?? 0) << 10
        }
        (anonymousBytes, fileBytes) = (bytes("RssAnon:"), bytes("RssFile:"))
    }

    var description: String { "\(anonymousBytes >> 20) MiB of memory, \(fileBytes >> 20) MiB of mapped files" }
}
