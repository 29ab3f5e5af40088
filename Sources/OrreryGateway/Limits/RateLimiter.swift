import Synchronization

/// Counts the calls of all callers. Exact under any number of threads: each caller's calls are decided one by one.
final class RateLimiter: Sendable {
    /// What a caller is held to, and under which name it is counted.
    struct Limit: Sendable, Hashable {
        /// The policy and the caller.
        let name: String
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
        let shard = shards[Int(UInt(bitPattern: limit.hashValue) % UInt(shards.count))]
        return shard.windows.withLock { windows in
            if windows[limit] == nil {
                if windows.count >= Self.windowsMax { windows = windows.filter { !$0.value.isIdle(at: now) } }
                // Who cannot be counted is not let in.
                guard windows.count < Self.windowsMax else { return .refused(retryAfterSeconds: 1) }
                windows[limit] = SlidingWindow(
                    callsMax: limit.callsMax, windowNanoseconds: UInt64(limit.windowSeconds) * 1_000_000_000)
            }
            switch windows[limit]?.admit(at: now) {
            case .admitted(let remaining): return .admitted(remaining: remaining)
            case .refused(let wait): return .refused(retryAfterSeconds: Int((wait + 999_999_999) / 1_000_000_000))
            case nil: return .refused(retryAfterSeconds: 1)
            }
        }
    }
}
