/// How many events of a kind may be kept: so many at once, and then one for each step of time. What comes beyond is
/// counted, and the next event that is kept tells how many were not. So nobody fills the disk by being refused.
struct AuditAllowance: Sendable {
    private let burst: Int64
    private let stepSeconds: Int64
    private var left: Int64
    private var sinceSeconds: Int64
    private var suppressedCount = 0

    init(_ kind: AuditEvent.Kind, nowSeconds: Int64) {
        switch kind {
        case .controlPlane: (burst, stepSeconds) = (1000, 1)
        case .refusal: (burst, stepSeconds) = (20, 10)
        case .signIn: (burst, stepSeconds) = (100, 10)
        }
        left = burst
        sinceSeconds = nowSeconds
    }

    /// Asks for one more event: nil where it is not to be kept, else how many were not kept since the last that was.
    mutating func take(nowSeconds: Int64) -> Int? {
        let steps = max(0, (nowSeconds - sinceSeconds) / stepSeconds)
        sinceSeconds = nowSeconds < sinceSeconds ? nowSeconds : sinceSeconds + steps * stepSeconds
        left = min(burst, left + min(steps, burst))
        guard left > 0 else {
            suppressedCount += 1
            return nil
        }
        left -= 1
        defer { suppressedCount = 0 }
        return suppressedCount
    }
}
