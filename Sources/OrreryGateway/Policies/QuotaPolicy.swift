import OrreryHTTP

/// `quota` and `quota-by-key`: how many calls a subscription, or whoever a key stands for, may make in each period,
/// such as a day, and how many kilobytes of bodies it may send and be sent. Periods begin at multiples of their length
/// since 1970, so days begin at midnight UTC.
struct QuotaPolicy: Sendable {
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
        let request = call.request
        let announcedBytes = call.announcedBodyBytes
        // Most often a block that was set aside has enough left for the call, and nothing is waited for.
        if callsMax == nil || services.ledger.takesAtOnce(calls(name), nowSeconds: services.nowSeconds) {
            if bytesMax == nil { return .goOn }
            return .wait { then in takeBytes(announcedBytes, of: request, name, services, then) }
        }
        return .wait { then in
            takeCall(name, services) { outcome in
                guard case .goOn = outcome else { return then(outcome) }
                takeBytes(announcedBytes, of: request, name, services, then)
            }
        }
    }

    private func calls(_ name: String) -> QuotaLedger.Quota {
        .calls(name, max: callsMax ?? .max, periodSeconds: periodSeconds)
    }

    private func takeCall(
        _ name: String, _ services: PolicyServices, _ then: @escaping @Sendable (PolicyOutcome) -> Void
    ) {
        if callsMax == nil { return then(.goOn) }
        let told: QuotaLedger.Completion = { verdict in then(Self.outcome(verdict, of: "call volume", .goOn)) }
        if let verdict = services.ledger.take(calls(name), nowSeconds: services.nowSeconds, told) { told(verdict) }
    }

    /// What is sent is taken beforehand as far as it is known, and what is answered charged when it was.
    private func takeBytes(
        _ bodyBytes: Int, of request: HTTPRequest, _ name: String, _ services: PolicyServices,
        _ then: @escaping @Sendable (PolicyOutcome) -> Void
    ) {
        guard let bytesMax else { return then(.goOn) }
        let quota = QuotaLedger.Quota.bytes(name + "\nbytes", max: bytesMax, periodSeconds: periodSeconds)
        let (ledger, now) = (services.ledger, services.nowSeconds)
        let charge = PolicyOutcome.goOnUntil { outcome in
            let sentBytes = request.upload.map { max(0, $0.byteCount - bodyBytes) } ?? 0
            let bytes = outcome.bodyBytes + sentBytes
            if bytes > 0 { ledger.charge(quota, units: bytes, nowSeconds: now) }
        }
        let told: QuotaLedger.Completion = { verdict in then(Self.outcome(verdict, of: "bandwidth", charge)) }
        if let verdict = ledger.take(quota, units: max(1, bodyBytes), nowSeconds: now, told) { told(verdict) }
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
