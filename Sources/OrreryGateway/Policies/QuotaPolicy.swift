/// `quota` and `quota-by-key`: how many calls a subscription, or whoever a key stands for, may make in each period,
/// such as a day. Periods begin at multiples of their length since 1970, so days begin at midnight UTC.
struct QuotaPolicy: Sendable {
    private let place: String
    private let callsMax: Int
    private let periodSeconds: Int
    /// Nil for the caller's subscription.
    private let key: ValueTemplate?

    init(_ reader: inout ConfigurationReader, _ place: String, byKey: Bool = false) throws(ConfigurationError) {
        self.place = place
        callsMax = try reader.requiredInteger("calls", in: 1...1_000_000_000)
        periodSeconds = try reader.requiredInteger("seconds", in: 1...31_622_400)
        key = byKey ? try ValueTemplate(reader.requiredText("key"), at: reader.place) : nil
    }

    func apply(to call: GatewayCall, _ services: PolicyServices) -> PolicyOutcome {
        let quota = QuotaLedger.Quota(
            name: place + "\n" + (key?.text(for: call) ?? call.callerName), callsMax: callsMax,
            periodSeconds: periodSeconds)
        return .wait { then in
            let verdict = services.ledger.take(quota, nowSeconds: services.nowSeconds) { then(Self.outcome($0)) }
            if let verdict { then(Self.outcome(verdict)) }
        }
    }

    private static func outcome(_ verdict: QuotaLedger.Verdict) -> PolicyOutcome {
        switch verdict {
        case .admitted: .goOn
        case .refused(let seconds): .answer(GatewayAnswer.quotaUsedUp(retryAfterSeconds: seconds))
        case .unavailable: .answer(GatewayAnswer.error(503, "The quota cannot be kept at the moment."))
        }
    }
}
