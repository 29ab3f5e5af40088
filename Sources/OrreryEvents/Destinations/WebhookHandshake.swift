import OrreryCrypto
import OrreryDocuments
import OrreryHTTP

/// How an endpoint is asked whether it wants a subscription's events, so that nobody is sent what he did not ask for:
/// Event Grid's own way (a validation event, whose code it sends back) and CloudEvents' (OPTIONS, which it answers with
/// the origin that it allows). Pure: requests out, answers in.
struct WebhookHandshake: Sendable {
    enum Method: Sendable, Equatable {
        case validationEvent
        case options
    }

    /// What an answer says.
    enum Verdict: Sendable, Equatable {
        case agreed
        /// A 200 without the code: somebody may open the URL by hand, for a while.
        case awaitsManualAction
        case refused(reason: String)
    }

    let topic: String
    let subscription: String
    let url: String
    let method: Method
    /// What the endpoint is to send back.
    let code: String
    /// Where a person can agree in the endpoint's place.
    let validationURL: String

    /// Whom CloudEvents' handshake says that events come from.
    static let origin = "orrery"
    /// How long an endpoint has to answer.
    static let timeoutMilliseconds = 30_000
    /// How long after it was first asked a person may open the URL. By then a subscription is made, or has failed.
    static let manualMilliseconds: Int64 = 600_000
    /// How long it is asked again and again: after that, no more until its subscription is written anew.
    static let askingMilliseconds: Int64 = 86_400_000
    /// How long after each refusal it is asked again; the last one over and over.
    static let delaysSeconds: [Int64] = [2, 5, 10, 30, 60, 300, 600, 1800, 3600]

    /// The ways that suit a delivery's schema; both, where it is left to the events.
    static func methods(_ schema: EventSchema?) -> [Method] {
        switch schema {
        case .cloudEvents: [.options]
        case .eventGrid, .custom: [.validationEvent]
        case nil: [.options, .validationEvent]
        }
    }

    static func newCode() -> String { EventID.random().uppercased() }

    /// What to send.
    func request(now: EventTime) -> HTTPClientRequest {
        var request: HTTPClientRequest
        switch method {
        case .options:
            request = HTTPClientRequest(
                .options, url,
                headers: [
                    ("WebHook-Request-Origin", Self.origin), ("WebHook-Request-Callback", validationURL),
                    ("aeg-subscription-name", subscription.uppercased()),
                ])
        case .validationEvent:
            let event: JSONValue = [
                "id": .string(EventID.random()), "topic": .string(topic), "subject": "",
                "data": ["validationCode": .string(code), "validationUrl": .string(validationURL)],
                "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "eventTime": .string(now.text),
                "metadataVersion": "1", "dataVersion": "2",
            ]
            request = HTTPClientRequest(
                .post, url,
                headers: [
                    ("Content-Type", "application/json; charset=utf-8"), ("aeg-event-type", "SubscriptionValidation"),
                    ("aeg-subscription-name", subscription.uppercased()), ("aeg-delivery-count", "0"),
                ],
                body: JSONValue.array([event]).text)
        }
        request.timeoutMilliseconds = Self.timeoutMilliseconds
        request.responseBytesMax = 64 << 10
        request.truncatesResponse = true
        return request
    }

    /// What the answer means.
    func verdict(_ answer: Result<HTTPClientResponse, HTTPClientError>) -> Verdict {
        let response: HTTPClientResponse
        switch answer {
        case .failure(let error): return .refused(reason: "no answer from \(url): \(error)")
        case .success(let answered): response = answered
        }
        guard (200...204).contains(response.status) else {
            return .refused(reason: "\(url) answered \(response.status) to the validation")
        }
        switch method {
        case .options:
            let allowed = response.headers["webhook-allowed-origin"] ?? ""
            if allowed == "*" || allowed.lowercased() == Self.origin { return .agreed }
            return .refused(
                reason: "\(url) did not answer OPTIONS with 'WebHook-Allowed-Origin: \(Self.origin)' or '*'")
        case .validationEvent:
            let given = (try? JSONValue(parsing: response.body))?["validationResponse"]?.string
            guard let given else { return .awaitsManualAction }
            if constantTimeEqual(given.lowercased().utf8, code.lowercased().utf8) { return .agreed }
            return .refused(reason: "\(url) sent back another validationCode than it was given")
        }
    }
}
