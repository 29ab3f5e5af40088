import OrreryDatabase
import OrreryDocuments
import OrreryHTTP
import OrreryTriggers

/// What is done with a subscription beside changing it.
extension EventService {
    func perform(
        _ action: String, on subscription: Subscription, of topic: Topic, _ request: EventRequest
    ) async throws(EventError) -> HTTPResponse {
        switch (action.lowercased(), request.http.method) {
        case ("getfullurl", .post):
            return EventAnswer.json(["endpointUrl": .string(subscription.definition.webhookURL ?? "")])
        case ("replay", .post):
            let time = try time(request, "time") ?? EventTime(microseconds: 0)
            try await host.replay(subscription, of: topic, sinceMilliseconds: time.milliseconds)
            return EventAnswer.json(["replayedSince": .string(time.text)], status: 202)
        case ("redrive", .post):
            return EventAnswer.json(["redriven": .number(try await host.redrive(subscription, of: topic))])
        case ("deadletters", .get):
            return EventAnswer.json(["value": .array(try deadLetters(of: subscription))])
        case ("dryrun", .post): return try dryRun(subscription, of: topic, request)
        default: throw EventError(.notFound, "There is no action '\(action)' of a subscription.")
        }
    }

    func time(_ request: EventRequest, _ name: String) throws(EventError) -> EventTime? {
        let body = try body(request)
        guard let text = request.query[name.lowercased()] ?? body[name]?.string else { return nil }
        let time = Int64(text).map { EventTime(milliseconds: $0) } ?? EventTime(text, assumesUTC: true)
        guard let time else {
            throw EventError(.badRequest, "\(name) must be a date and time (RFC 3339), or milliseconds since 1970.")
        }
        return time
    }

    private func deadLetters(of subscription: Subscription) throws(EventError) -> [JSONValue] {
        do throws(DatabaseError) {
            return try host.deadLetters.all(of: subscription.definition).map { letter in
                ["id": .string(letter.id), "reason": .string(letter.reason),
                    "event": (try? JSONValue(parsing: letter.event.json)) ?? .null]
            }
        } catch {
            throw EventError(error)
        }
    }

    /// Looks at events that are kept: `{"filter": …, "since": time, "maxEvents": n}`; the subscription's own filter
    /// where none is given.
    private func dryRun(
        _ subscription: Subscription, of topic: Topic, _ request: EventRequest
    ) throws(EventError) -> HTTPResponse {
        let body = try body(request)
        let countMax = try body.integer("maxEvents", in: 1...10_000, default: 1000)
        var filter = subscription.definition.filter
        if let given = body["filter"], let document = try? JSONDocument(parsing: given.text) {
            filter = try Filter(
                FilterDefinition(document.root), schema: topic.definition.inputSchema ?? .cloudEvents)
        }
        do throws(DatabaseError) {
            let run = try DryRun(filter, over: topic.log, sinceMilliseconds: try since(request), countMax: countMax)
            return EventAnswer.json(run.json)
        } catch {
            throw EventError(error)
        }
    }

    private func since(_ request: EventRequest) throws(DatabaseError) -> Int64 {
        do throws(EventError) {
            return try time(request, "since")?.milliseconds ?? 0
        } catch {
            throw .invalid(error.message)
        }
    }
}
