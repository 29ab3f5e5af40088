internal import OrreryEngine

/// The time that handlers' waits are measured by; a test has its own.
public struct TriggerClock: Sendable {
    /// Milliseconds since 1970.
    public var nowMilliseconds: @Sendable () -> Int64
    /// Calls back once, so many milliseconds from now; the call is quick.
    public var schedule: @Sendable (_ milliseconds: Int, _ body: @escaping @Sendable () -> Void) -> Void
    /// A number from 0 to 1.
    public var random: @Sendable () -> Double

    public init(
        nowMilliseconds: @escaping @Sendable () -> Int64,
        schedule: @escaping @Sendable (_ milliseconds: Int, _ body: @escaping @Sendable () -> Void) -> Void,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        self.nowMilliseconds = nowMilliseconds
        self.schedule = schedule
        self.random = random
    }

    /// The machine's clock.
    public static func system() -> TriggerClock {
        let timer = Timer()
        return TriggerClock(
            nowMilliseconds: { EngineConfiguration().clock() },
            schedule: { milliseconds, body in timer.submit(afterMilliseconds: milliseconds, body) })
    }
}
