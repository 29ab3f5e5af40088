import Synchronization

/// The request units that one partition may use in each second.
///
/// What an operation costs is known when it is done, so a second may be overdrawn by what runs in it; the seconds that
/// follow make up for it. Times are milliseconds on a clock that never goes back.
public final class ThroughputBudget: Sendable {
    private struct Window {
        var second: Int64 = 0
        /// Hundredths of a request unit used in the second, or owed from those before it.
        var used = 0
    }

    /// The rate, in request units per second.
    public let requestUnitsPerSecond: Int
    private let window = Mutex(Window())

    /// - Parameter requestUnitsPerSecond: at least 1.
    public init(requestUnitsPerSecond: Int) {
        self.requestUnitsPerSecond = max(1, requestUnitsPerSecond)
    }

    private var perSecond: Int { requestUnitsPerSecond * 100 }

    /// How much of a second is left to requests of low priority: once it is used, only the others are let in.
    private static let lowPriorityPercent = 50

    /// Asks to begin a request. Nil lets it in; else it is how long to wait, in milliseconds.
    public func wait(for priority: RequestPriority, atMilliseconds now: Int64) -> Int? {
        let limit = priority == .high ? perSecond : perSecond * Self.lowPriorityPercent / 100
        let used = window.withLock { window in
            advance(&window, to: now)
            return window.used
        }
        guard used >= max(1, limit) else { return nil }
        // Each second pays off one budget.
        let seconds = (used - max(1, limit)) / perSecond + 1
        return seconds * 1000 - Int(now % 1000)
    }

    /// Books what a request has cost.
    public func spend(_ charge: RequestCharge, atMilliseconds now: Int64) {
        window.withLock { window in
            advance(&window, to: now)
            window.used += charge.hundredths
        }
    }

    private func advance(_ window: inout Window, to now: Int64) {
        let second = now / 1000
        guard second > window.second else { return }
        let passed = Int(clamping: second - window.second).multipliedReportingOverflow(by: perSecond)
        window.used = passed.overflow ? 0 : max(0, window.used - passed.partialValue)
        window.second = second
    }
}

/// Who is let in when request units run short.
public enum RequestPriority: Sendable {
    case low, high
}
