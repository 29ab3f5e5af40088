import OrreryHTTP
import OrreryTelemetry
import Synchronization

/// The answers that are kept under one configuration, and what is known of the containers that some of them rest on.
///
/// A new configuration has another cache. So calls that are under way when it comes can keep nothing in it: their
/// answers go into the cache of the configuration that they were made by, and nobody looks there any more.
final class GatewayCache: Sendable {
    private static let nanosecondsPerSecond: UInt64 = 1_000_000_000

    private let answers: AnswerCache
    private let following: (any ContainerFollowing)?
    private let recencies = Mutex<[String: ContainerRecency]>([:])
    private let counters: CacheCounters

    init(bytesMax: Int, following: (any ContainerFollowing)?, counters: CacheCounters) {
        answers = AnswerCache(bytesMax: bytesMax)
        (self.following, self.counters) = (following, counters)
    }

    var byteCount: Int { answers.byteCount }
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
    func answer(_ key: AnswerCache.Key, at now: UInt64) -> HTTPResponse? {
        guard let entry = answers.entry(key, at: now) else {
            counters.misses.add()
            return nil
        }
        if let source = entry.source, !source.recency.isUnchanged(since: source.sequence, key: source.key) {
            answers.remove(key)
            counters.outdated.add()
            return nil
        }
        counters.hits.add()
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
                answer: answer, source: ticket.source, storedNanoseconds: now,
                endNanoseconds: now + UInt64(seconds) * Self.nanosecondsPerSecond))
    }
}

/// How calls fared that could be answered from a cache, all of a gateway's.
struct CacheCounters: Sendable {
    let hits: Counter
    let misses: Counter
    let outdated: Counter

    init(_ metrics: MetricsRegistry) {
        func counter(_ outcome: String) -> Counter {
            metrics.counter(
                "orrery_gateway_cache_lookups_total", help: "Calls that could be answered from the cache, by outcome.",
                labels: [("outcome", outcome)])
        }
        (hits, misses, outdated) = (counter("hit"), counter("miss"), counter("outdated"))
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
