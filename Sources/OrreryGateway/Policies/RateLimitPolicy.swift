/// `rate-limit` and `rate-limit-by-key`: how many calls a subscription, or whoever a key stands for, may make in any
/// stretch of so many seconds.
final class RateLimitPolicy: Sendable {
    private let place: String
    private let callsMax: Int
    private let windowSeconds: Int
    /// Nil for the caller's subscription.
    private let key: ValueTemplate?
    private let remainingHeader: String?
    private let totalHeader: String?

    init(_ reader: inout ConfigurationReader, _ place: String, byKey: Bool = false) throws(ConfigurationError) {
        self.place = place
        callsMax = try reader.requiredInteger("calls", in: 1...100_000)
        windowSeconds = try reader.requiredInteger("seconds", in: 1...300)
        key = byKey ? try ValueTemplate(reader.requiredText("key"), at: reader.place) : nil
        remainingHeader = try reader.text("remainingCallsHeader")
        totalHeader = try reader.text("totalCallsHeader")
    }

    /// For those who are held to it.
    var summary: String { "\(callsMax) calls " + (windowSeconds == 1 ? "a second" : "in \(windowSeconds) s") }

    func apply(to call: inout GatewayCall, _ services: PolicyServices) -> PolicyOutcome {
        let limit = RateLimiter.Limit(
            policy: place, caller: key?.text(for: call) ?? call.callerName, callsMax: callsMax,
            windowSeconds: windowSeconds)
        switch services.gateway.limiter.admit(limit, at: services.nowNanoseconds) {
        case .refused(let seconds): return .answer(GatewayAnswer.rateLimited(retryAfterSeconds: max(1, seconds)))
        case .admitted(let remaining):
            if let remainingHeader {
                call.answerHeaders.append(
                    FieldChange(name: remainingHeader, action: .override, value: "\(remaining)"))
            }
            if let totalHeader {
                call.answerHeaders.append(FieldChange(name: totalHeader, action: .override, value: "\(callsMax)"))
            }
            return .goOn
        }
    }
}
