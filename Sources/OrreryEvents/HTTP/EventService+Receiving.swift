import OrreryDatabase
import OrreryDocuments
import OrreryHTTP

/// Pull delivery, as Event Grid's namespaces have it (API version 2024-06-01).
extension EventService {
    /// The most events of one request, and the most tokens.
    private static let countMax = 100

    func answerReceiving(_ request: EventRequest, _ responder: HTTPResponder) throws(EventError) -> Bool {
        let segments = request.segments
        guard segments.count == 4, segments[0] == "topics", segments[2].lowercased() == "eventsubscriptions",
            let colon = segments[3].lastIndex(of: ":")
        else { return false }
        let name = String(segments[3][..<colon])
        let verb = segments[3][segments[3].index(after: colon)...].lowercased()
        if verb == "validate" {
            responder.respond(try validate(request, topic: segments[1], subscription: name))
            return true
        }
        try requirePost(request)
        let topic = try host.topic(segments[1])
        try authorize(request, for: topic)
        guard let subscription = topic.subscription(name) else {
            throw EventError(.notFound, "There is no subscription '\(name)' of the topic '\(topic.name)'.")
        }
        guard subscription.definition.isPull else {
            throw EventError(.badRequest, "The subscription '\(name)' delivers by push.")
        }
        switch verb {
        case "receive": try receive(request, from: subscription, responder)
        case "acknowledge": try conclude(request, .acknowledge, subscription, responder)
        case "reject": try conclude(request, .reject, subscription, responder)
        case "renewlock": try conclude(request, .renewLock, subscription, responder)
        case "release":
            let delays = [0, 10, 60, 600, 3600]
            let seconds = try request.integer("releaseDelayInSeconds", in: 0...3600, default: 0)
            guard delays.contains(seconds) else {
                throw EventError(.badRequest, "releaseDelayInSeconds must be 0, 10, 60, 600 or 3600.")
            }
            try conclude(request, .release(delayMilliseconds: Int64(seconds) * 1000), subscription, responder)
        default: return false
        }
        return true
    }

    /// The owner of an endpoint opens the URL that it was sent: the code in it is what lets him in.
    private func validate(
        _ request: EventRequest, topic: String, subscription name: String
    ) throws(EventError) -> HTTPResponse {
        guard let subscription = try host.topic(topic).subscription(name), let code = request.query["code"],
            subscription.agree(code: code)
        else { throw EventError(.notFound, "There is no such validation.") }
        let text = "The subscription '\(name)' is validated.\n"
        return HTTPResponse(status: 200, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    private func receive(
        _ request: EventRequest, from subscription: Subscription, _ responder: HTTPResponder
    ) throws(EventError) {
        let count = try request.integer("maxEvents", in: 1...Self.countMax, default: 1)
        let seconds = try request.integer("maxWaitTime", in: 10...120, default: 60)
        subscription.receive(countMax: count, waitMilliseconds: Int64(seconds) * 1000) { events in
            responder.respond(
                HTTPResponse(
                    status: 200, contentType: "application/json; charset=utf-8", body: Self.body(of: events)))
        }
    }

    private static func body(of events: [ReceivedEvent]) -> [UInt8] {
        var writer = JSONWriter(reservingBytes: events.reduce(64) { $0 + 256 + $1.event.byteCount })
        writer.beginObject()
        writer.name("value")
        writer.beginArray()
        for received in events {
            writer.beginObject()
            writer.name("brokerProperties")
            writer.beginObject()
            writer.name("lockToken")
            writer.string(received.lockToken.text)
            writer.name("deliveryCount")
            writer.number(received.deliveryCount)
            writer.endObject()
            writer.name("event")
            EventWriter(.cloudEvents).write(received.event.event, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private func conclude(
        _ request: EventRequest, _ verdict: Subscription.Verdict, _ subscription: Subscription,
        _ responder: HTTPResponder
    ) throws(EventError) {
        guard let body = try? JSONValue(parsing: request.http.body), let values = body["lockTokens"]?.array,
            (1...Self.countMax).contains(values.count)
        else { throw EventError(.badRequest, "lockTokens must be an array of 1 to \(Self.countMax) tokens.") }
        let texts = values.map { $0.string ?? "" }
        subscription.conclude(texts.map { LockToken($0) }, verdict) { result in
            switch result {
            case .success(let held): responder.respond(Self.answer(to: texts, held))
            case .failure(let error): responder.respond(EventAnswer.error(EventError(error)))
            }
        }
    }

    private static func answer(to tokens: [String], _ held: [Bool]) -> HTTPResponse {
        var succeeded: [JSONValue] = []
        var failed: [JSONValue] = []
        for (token, isHeld) in zip(tokens, held) {
            if isHeld {
                succeeded.append(.string(token))
            } else {
                let error: JSONValue = [
                    "code": "TokenLost", "message": "The lock has ended, or there never was one by this token.",
                ]
                failed.append(["lockToken": .string(token), "error": error])
            }
        }
        return EventAnswer.json(["failedLockTokens": .array(failed), "succeededLockTokens": .array(succeeded)])
    }
}
