/// Keeps calls away from a server that fails, so that neither it nor they are held up: after so many failures within an
/// interval it is asked nothing for a time, then one call is let through, and what becomes of that decides.
///
///     closed ── failures ──► open ── time ──► half open ── success ──► closed
///                             ▲                   └────── failure ──► open
struct CircuitBreaker: Sendable {
    struct Settings: Sendable, Hashable {
        let failuresMax: Int
        let intervalNanoseconds: UInt64
        let tripNanoseconds: UInt64
        let acceptsRetryAfter: Bool
    }

    enum Admission: Sendable, Equatable {
        /// The call goes on; `isTrial` is to be said again with its result.
        case pass(isTrial: Bool)
        case refused(waitNanoseconds: UInt64)
    }

    enum Result: Sendable, Equatable {
        case success
        /// With how long the server wants to be left alone, where it says so.
        case failure(retryAfterSeconds: Int?)
        /// The call was given up before anybody knew.
        case unknown
    }

    enum Change: Sendable, Equatable {
        case opened, closed
    }

    private enum State {
        case closed
        case open(untilNanoseconds: UInt64)
        case halfOpen
    }

    /// The longest that a server is left alone because it says so.
    private static let retryAfterSecondsMax = 3600

    private let settings: Settings
    private var state = State.closed
    private var failures: SlidingWindow

    init(_ settings: Settings) {
        self.settings = settings
        failures = Self.noFailures(settings)
    }

    private static func noFailures(_ settings: Settings) -> SlidingWindow {
        SlidingWindow(callsMax: settings.failuresMax, windowNanoseconds: settings.intervalNanoseconds)
    }

    var isClosed: Bool {
        if case .closed = state { return true }
        return false
    }

    /// Whether a call may be made now.
    mutating func admit(at now: UInt64) -> Admission {
        switch state {
        case .closed: return .pass(isTrial: false)
        case .open(let end) where now >= end:
            state = .halfOpen
            return .pass(isTrial: true)
        case .open(let end): return .refused(waitNanoseconds: end - now)
        // The trial is on its way.
        case .halfOpen: return .refused(waitNanoseconds: 1_000_000_000)
        }
    }

    /// Takes the result of a call that was let through.
    mutating func record(_ result: Result, isTrial: Bool, at now: UInt64) -> Change? {
        if isTrial {
            guard case .halfOpen = state else { return nil }
            switch result {
            case .success:
                (state, failures) = (.closed, Self.noFailures(settings))
                return .closed
            case .failure(let retryAfterSeconds):
                open(at: now, retryAfterSeconds)
            case .unknown:
                // The next call is the trial.
                state = .open(untilNanoseconds: now)
            }
            return nil
        }
        // A call that was made before the circuit opened says nothing new.
        guard case .closed = state, case .failure(let retryAfterSeconds) = result else { return nil }
        // The window is full with the failure that there may not be.
        if case .admitted(let remaining) = failures.admit(at: now), remaining > 0 { return nil }
        open(at: now, retryAfterSeconds)
        return .opened
    }

    private mutating func open(at now: UInt64, _ retryAfterSeconds: Int?) {
        var wait = settings.tripNanoseconds
        if settings.acceptsRetryAfter, let retryAfterSeconds {
            wait = UInt64(min(max(1, retryAfterSeconds), Self.retryAfterSecondsMax)) * 1_000_000_000
        }
        (state, failures) = (.open(untilNanoseconds: now + wait), Self.noFailures(settings))
    }
}
