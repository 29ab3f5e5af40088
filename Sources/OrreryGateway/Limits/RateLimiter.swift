import Synchronization

/// Counts the calls of all callers. Exact under any number of threads: each caller's calls are decided one by one.
final class RateLimiter: Sendable {
    /// What a caller is held to, and under which name it is counted.
    struct Limit: Sendable, Hashable {
        let policy: String
        let caller: String
        let callsMax: Int
        let windowSeconds: Int
    }

    enum Verdict: Sendable, Equatable {
        case admitted(remaining: Int)
        case refused(retryAfterSeconds: Int)
    }

    private final class Shard: Sendable {
        let windows = Mutex<[Limit: SlidingWindow]>([:])
    }

    private let shards = (0..<16).map { _ in Shard() }
    /// Callers that a shard keeps in mind. Keys can be anything that a call says, so there have to be limits.
    private static let windowsMax = 16_384

    /// Decides on a call.
    /// - Parameter now: nanoseconds on a clock that never goes back.
    func admit(_ limit: Limit, at now: UInt64) -> Verdict {
        let shard = shards[Int(UInt(bitPattern: limit.caller.hashValue) % UInt(shards.count))]
        return shard.windows.withLock { windows in
            if let index = windows.index(forKey: limit) {
                return Self.verdict(windows.values[index].admit(at: now))
            }
            if windows.count >= Self.windowsMax { windows = windows.filter { !$0.value.isIdle(at: now) } }
            // Who cannot be counted is not let in.
            guard windows.count < Self.windowsMax else { return .refused(retryAfterSeconds: 1) }
            var window = SlidingWindow(
                callsMax: limit.callsMax, windowNanoseconds: UInt64(limit.windowSeconds) * 1_000_000_000)
            let verdict = window.admit(at: now)
            windows[limit] = window
            return Self.verdict(verdict)
        }
    }

    private static func verdict(_ verdict: SlidingWindow.Verdict) -> Verdict {
        switch verdict {
        case .admitted(let remaining): .admitted(remaining: remaining)
        case .refused(let wait): .refused(retryAfterSeconds: Int((wait + 999_999_999) / 1_000_000_000))
        }
    }
}
