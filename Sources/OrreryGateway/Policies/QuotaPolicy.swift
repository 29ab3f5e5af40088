import OrreryHTTP

/// `quota` and `quota-by-key`: how many calls a subscription, or whoever a key stands for, may make in each period,
/// such as a day, and how many kilobytes of bodies it may send and be sent. Periods begin at multiples of their length
/// since 1970, so days begin at midnight UTC.
final class QuotaPolicy: Sendable {
    private let place: String
    private let callsMax: Int?
    private let bytesMax: Int?
    private let periodSeconds: Int
    /// Nil for the caller's subscription.
    private let key: ValueTemplate?

    init(_ reader: inout ConfigurationReader, _ place: String, byKey: Bool = false) throws(ConfigurationError) {
        self.place = place
        callsMax = try reader.integer("calls", in: 1...1_000_000_000)
        bytesMax = try reader.integer("kilobytes", in: 1...1_000_000_000_000).map { $0 * 1024 }
        guard callsMax != nil || bytesMax != nil else { throw reader.wrong("calls", "there, or kilobytes") }
        periodSeconds = try reader.requiredInteger("seconds", in: 1...31_622_400)
        key = byKey ? try ValueTemplate(reader.requiredText("key"), at: reader.place) : nil
    }

    /// For those who are held to it.
    var summary: String {
        let period = [1: "a second", 60: "a minute", 3600: "an hour", 86_400: "a day"][periodSeconds]
            ?? "in \(periodSeconds) s"
        let parts = [callsMax.map { "\($0) calls" }, bytesMax.map { "\($0 / 1024) kilobytes" }].compactMap(\.self)
        return parts.joined(separator: " and ") + " " + period
    }

    func apply(to call: GatewayCall, _ services: PolicyServices) -> PolicyOutcome {
        let name = place + "\n" + (key?.text(for: call) ?? call.callerName)
        let calls = callsMax.map { QuotaLedger.Quota.calls(name, max: $0, periodSeconds: periodSeconds) }
        let bytes = bytesMax.map {
            QuotaLedger.Quota.bytes(name + "\nbytes", max: $0, periodSeconds: periodSeconds)
        }
        let (ledger, now) = (services.gateway.ledger, services.nowSeconds)
        let (upload, announcedBytes) = (call.request.upload, call.announcedBodyBytes)
        // What is sent is taken beforehand as far as it is known, and what is answered charged when it was.
        let admitted = bytes.map { bytes in
            PolicyOutcome.goOnUntil { outcome in
                let taken = outcome.bodyBytes + (upload.map { max(0, $0.byteCount - announcedBytes) } ?? 0)
                if taken > 0 { ledger.charge(bytes, units: taken, nowSeconds: now) }
            }
        } ?? .goOn
        let bytesUnits = max(1, announcedBytes)
        @Sendable func takeBytes(_ then: @escaping @Sendable (PolicyOutcome) -> Void) {
            guard let bytes else { return then(admitted) }
            let told: QuotaLedger.Completion = { then(Self.outcome($0, of: "bandwidth", admitted)) }
            if let verdict = ledger.take(bytes, units: bytesUnits, nowSeconds: now, told) { told(verdict) }
        }
        // Most often blocks that were set aside have enough left for the call, and nothing is waited for.
        if let calls, !ledger.takesAtOnce(calls, nowSeconds: now) {
            return .wait { then in
                let told: QuotaLedger.Completion = { verdict in
                    guard verdict == .admitted else { return then(Self.outcome(verdict, of: "call volume", .goOn)) }
                    takeBytes(then)
                }
                if let verdict = ledger.take(calls, nowSeconds: now, told) { told(verdict) }
            }
        }
        if let bytes, !ledger.takesAtOnce(bytes, units: bytesUnits, nowSeconds: now) { return .wait(takeBytes) }
        return admitted
    }

    private static func outcome(
        _ verdict: QuotaLedger.Verdict, of what: String, _ admitted: PolicyOutcome
    ) -> PolicyOutcome {
        switch verdict {
        case .admitted: admitted
        case .refused(let seconds): .answer(GatewayAnswer.quotaUsedUp(what, retryAfterSeconds: seconds))
        case .unavailable: .answer(GatewayAnswer.error(503, "The quota cannot be kept at the moment."))
        }
    }
}
