import OrreryDocuments
import OrreryHTTP

/// A delivery as an HTTP request, and what its answer says.
enum WebhookMessage {
    /// How much of an answer's body is kept for people to read.
    private static let messageBytesMax = 200

    static func request(
        of delivery: Delivery, to webhook: WebhookDefinition, inputSchema: EventSchema?, now: Int64
    ) -> HTTPClientRequest {
        let subscription = delivery.subscription
        let first = delivery.items.first
        let schema = subscription.deliverySchema ?? inputSchema ?? first?.event.schema ?? .cloudEvents
        let writer = EventWriter(schema)
        let isBatch = webhook.batchCountMax > 1
        let body = writer.body(of: delivery.items.map(\.event.event), isBatch: isBatch)
        var headers: [(name: String, value: String)] = [
            ("Content-Type", writer.contentType(isBatch: isBatch)),
            ("aeg-event-type", "Notification"),
            ("aeg-subscription-name", subscription.name.uppercased()),
            ("aeg-delivery-count", String(delivery.attempt - 1)),
            ("aeg-metadata-version", "1"),
        ]
        if let version = first?.event.event.dataVersion { headers.append(("aeg-data-version", version)) }
        if let traceparent = first.flatMap(traceparent) { headers.append(("traceparent", traceparent)) }
        for header in webhook.headers {
            if let value = value(of: header, first?.event.event) { headers.append((header.name, value)) }
        }
        let signature = WebhookSignature(webhook.signingSecrets.compactMap { WebhookSecret($0) })
        headers += signature.headers(id: delivery.id, timestampSeconds: now / 1000, body: body)
        var request = HTTPClientRequest(.post, webhook.url, headers: headers, body: body)
        request.responseBytesMax = 64 << 10
        request.truncatesResponse = true
        return request
    }

    private static func traceparent(_ item: Delivery.Item) -> String? {
        if case .string(let text)? = item.event.event[extension: "traceparent"] { return text }
        return item.event.traceparent
    }

    private static func value(of header: DeliveryHeader, _ event: Event?) -> String? {
        switch header.value {
        case .fixed(let text, _): return text
        case .field(let path):
            guard let event, let json = try? JSONValue(parsing: event.json) else { return nil }
            var value: JSONValue? = json
            for name in path.split(separator: ".") { value = value?[String(name)] }
            guard let value, !value.isNull else { return nil }
            // A header is one line of text.
            let text = value.string ?? value.description
            return String(decoding: text.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
        }
    }

    /// - Parameter now: milliseconds since 1970, for answers that name a time.
    static func result(
        of answer: Result<HTTPClientResponse, HTTPClientError>, nowMilliseconds now: Int64
    ) -> DeliveryResult {
        switch answer {
        case .success(let response):
            let outcome = DeliveryOutcome.answered(
                status: response.status, retryAfterSeconds: retryAfterSeconds(response.headers, now))
            if outcome.isSuccess { return DeliveryResult(outcome: outcome) }
            let said = String(decoding: response.body.prefix(messageBytesMax), as: UTF8.self)
            return DeliveryResult(outcome: outcome, message: "status \(response.status) \(said)")
        case .failure(let error):
            let outcome: DeliveryOutcome =
                switch error {
                case .refusedAddress: .refusedAddress
                case .unresolved: .unresolved
                case .timedOut: .timedOut
                default: .disconnected
                }
            return DeliveryResult(outcome: outcome, message: "\(error)")
        }
    }

    /// How long an endpoint asks to be left alone: seconds, or until a date (RFC 9110, section 10.2.3).
    private static func retryAfterSeconds(_ headers: HTTPHeaders, _ now: Int64) -> Int? {
        guard let text = headers["retry-after"] else { return nil }
        if let seconds = Int(text) { return seconds }
        guard let date = HTTPDate.seconds(text.utf8) else { return nil }
        let milliseconds = date.multipliedReportingOverflow(by: 1000)
        if milliseconds.overflow { return nil }
        // A part of a second counts as a whole one: never sooner than it was asked.
        return Int(max(0, (milliseconds.partialValue - now + 999) / 1000))
    }
}
