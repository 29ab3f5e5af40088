import OrreryHTTP
import OrreryTelemetry
import Synchronization

/// The cache of a gateway: answers, and what is known of the containers that some of them rest on.
final class GatewayCache: Sendable {
    private static let nanosecondsPerSecond: UInt64 = 1_000_000_000

    private let answers: AnswerCache
    private let following: (any ContainerFollowing)?
    private let recencies = Mutex<[String: ContainerRecency]>([:])
    private let hits: Counter
    private let misses: Counter
    private let outdated: Counter

    init(following: (any ContainerFollowing)?, metrics: MetricsRegistry) {
        let answers = AnswerCache(bytesMax: GatewaySettings.cacheBytesDefault)
        (self.answers, self.following) = (answers, following)
        func counter(_ outcome: String) -> Counter {
            metrics.counter(
                "orrery_gateway_cache_lookups_total", help: "Calls that could be answered from the cache, by outcome.",
                labels: [("outcome", outcome)])
        }
        (hits, misses, outdated) = (counter("hit"), counter("miss"), counter("outdated"))
        metrics.computedGauge("orrery_gateway_cache_bytes", help: "What the answers in the cache take.") {
            Double(answers.byteCount)
        }
    }

    var entryBytesMax: Int { answers.entryBytesMax }

    /// What is known of a container; nil where containers cannot be followed.
    func recency(of database: String, _ container: String) -> ContainerRecency? {
        guard let following else { return nil }
        return recencies.withLock { recencies in
            let name = database + "/" + container
            if let known = recencies[name] { return known }
            let made = ContainerRecency(database: database, container: container, following)
            recencies[name] = made
            return made
        }
    }

    /// A kept answer that still holds.
    /// - Parameters:
    ///   - recency: of the container that the answer rests on, where it does.
    ///   - containerKey: the partition key in it; nil for all.
    func answer(
        _ key: AnswerCache.Key, _ recency: ContainerRecency?, _ containerKey: [UInt8]?, at now: UInt64
    ) -> HTTPResponse? {
        guard let entry = answers.entry(key, at: now) else {
            misses.add()
            return nil
        }
        if let sequence = entry.sequence {
            guard let recency, recency.isUnchanged(since: sequence, key: containerKey) else {
                answers.remove(key)
                outdated.add()
                return nil
            }
        }
        hits.add()
        var answer = entry.answer
        answer.headers.append("Age", (now - min(now, entry.storedNanoseconds)) / Self.nanosecondsPerSecond)
        return answer
    }

    /// Keeps an answer, unless it says that it must not be, or cannot be.
    func keep(_ answer: HTTPResponse, _ ticket: CacheTicket, seconds: Int, at now: UInt64) {
        guard answer.status == 200, answer.stream == nil, answer.body.count <= entryBytesMax,
            let seconds = Freshness(answer.headers).seconds(atMost: seconds)
        else { return }
        answers.store(
            ticket.key,
            AnswerCache.Entry(
                answer: answer, sequence: ticket.source?.sequence, storedNanoseconds: now,
                endNanoseconds: now + UInt64(seconds) * Self.nanosecondsPerSecond))
    }

    /// Forgets all: the configuration has changed.
    func clear(bytesMax: Int) {
        answers.clear(bytesMax: bytesMax)
        recencies.withLock { $0 = [:] }
    }
}

/// What an answer says of being kept (RFC 9111, section 3).
private struct Freshness {
    private let headers: HTTPResponseHeaders

    init(_ headers: HTTPResponseHeaders) {
        self.headers = headers
    }

    /// For how long it may be; nil for one that may not be.
    func seconds(atMost seconds: Int) -> Int? {
        // One that differs by what its caller sent is not known to fit another.
        guard headers["set-cookie"] == nil, headers["vary"] == nil else { return nil }
        var seconds = seconds
        var isShared = false
        for directive in (headers["cache-control"] ?? "").lowercased().split(separator: ",") {
            let parts = directive.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\"" } }
            switch parts.first {
            case "no-store", "no-cache", "private": return nil
            case "s-maxage":
                isShared = true
                seconds = min(seconds, parts.last.flatMap { Int($0) } ?? 0)
            case "max-age" where !isShared: seconds = min(seconds, parts.last.flatMap { Int($0) } ?? 0)
            default: continue
            }
        }
        return seconds > 0 ? seconds : nil
    }
}
