/// The times of a caller's last calls, as many as a window may hold: a call is let pass when the one that was so many
/// calls before it is older than the window. So no stretch of time as long as the window has more calls than allowed,
/// wherever it begins.
struct SlidingWindow: Sendable {
    private let callsMax: Int
    private let windowNanoseconds: UInt64
    /// A ring once it is full: the oldest stands at `next`.
    private var times: [UInt64] = []
    private var next = 0
    private var last: UInt64 = 0

    init(callsMax: Int, windowNanoseconds: UInt64) {
        self.callsMax = callsMax
        self.windowNanoseconds = windowNanoseconds
    }

    enum Verdict: Sendable, Equatable {
        /// With how many more may follow at once.
        case admitted(remaining: Int)
        case refused(waitNanoseconds: UInt64)
    }

    /// Lets a call pass, or says how long it has to wait.
    /// - Parameter now: nanoseconds on a clock that never goes back.
    mutating func admit(at now: UInt64) -> Verdict {
        // Two threads may look at the clock in one order and come here in the other. Taking the later time for both
        // lets nobody pass too early.
        let now = max(now, last)
        last = now
        if times.count < callsMax {
            times.append(now)
        } else {
            let age = now - times[next]
            guard age >= windowNanoseconds else { return .refused(waitNanoseconds: windowNanoseconds - age) }
            times[next] = now
            next = (next + 1) % callsMax
        }
        return .admitted(remaining: callsMax - callCount(at: now))
    }

    /// Whether nothing that was noted matters any more.
    func isIdle(at now: UInt64) -> Bool { callCount(at: now) == 0 }

    /// Calls within the window that ends now.
    private func callCount(at now: UInt64) -> Int {
        // Times rise around the ring, so what is within the window stands at its end.
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            let time = times[(next + middle) % times.count]
            if now >= time, now - time >= windowNanoseconds { low = middle + 1 } else { high = middle }
        }
        return times.count - low
    }
}
