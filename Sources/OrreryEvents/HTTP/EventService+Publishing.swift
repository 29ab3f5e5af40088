import OrreryDocuments
import OrreryHTTP
import OrreryTelemetry
import OrreryTriggers

extension EventService {
    /// Answers a publication. Its events are durable before the 200.
    func answerPublishing(_ request: EventRequest, _ responder: HTTPResponder) throws(EventError) -> Bool {
        let segments = request.segments
        let topic: Topic
        switch segments.count {
        case 2 where segments[0] == "api" && segments[1] == "events":
            try requirePost(request)
            topic = try basicTopic(of: request)
        case 4 where segments[0] == "topics" && segments[2] == "api" && segments[3] == "events":
            try requirePost(request)
            topic = try host.topic(segments[1])
            try authorize(request, for: topic)
        case 2 where segments[0] == "topics" && segments[1].hasSuffix(":publish"):
            try requirePost(request)
            topic = try host.topic(String(segments[1].dropLast(":publish".count)))
            try authorize(request, for: topic)
        default: return false
        }
        do throws(EventError) {
            try publish(request, to: topic, responder)
        } catch {
            topic.counters.publishFailed.add()
            throw error
        }
        return true
    }

    func requirePost(_ request: EventRequest) throws(EventError) {
        guard request.http.method == .post else {
            throw EventError(.methodNotAllowed, "Only POST is served here.")
        }
    }

    private func publish(_ request: EventRequest, to topic: Topic, _ responder: HTTPResponder) throws(EventError) {
        let http = request.http
        guard http.body.count <= EventLimits.requestBytesMax else {
            throw EventError(.tooLarge, "The maximum size (\(EventLimits.requestBytesMax)) has been exceeded.")
        }
        let definition = topic.definition
        let begin = host.clock.nowMilliseconds()
        let contentType = http.headers["content-type"]
        let schema = definition.inputSchema ?? PublishedSchema.of(http.body, contentType: contentType, http.headers)
        let reader = EventReader(schema: schema, topic: topic.name, mapping: definition.mapping)
        let events = try reader.events(
            in: http.body, contentType: contentType, headers: http.headers.all,
            now: EventTime(microseconds: begin * 1000))
        let isNamespace = definition.kind == .namespace
        let answer = isNamespace ? EventAnswer.json(.object([])) : EventAnswer.empty
        if events.isEmpty {
            responder.respond(answer)
            return
        }
        let batch = EventID.random()
        let traceparent = http.headers["traceparent"]
        let new = events.enumerated().map { position, event in
            NewEvent(
                documentID: "\(batch)-\(position)", event: event, schema: schema,
                traceparent: event[extension: "traceparent"] == nil ? traceparent : nil)
        }
        host.publish(new, to: topic) { [host] result in
            switch result {
            case .success:
                let milliseconds = max(0, host.clock.nowMilliseconds() - begin)
                topic.counters.publishDuration.record(.milliseconds(milliseconds))
                responder.respond(answer)
            case .failure(let error): responder.respond(EventAnswer.error(error))
            }
        }
    }
}

/// Tells the schema of a publication to a topic that takes any.
enum PublishedSchema {
    /// CloudEvents say so in their content type or their headers; Event Grid's own events have an `eventType` and an
    /// `eventTime`; all else is the publisher's own.
    static func of(_ body: [UInt8], contentType: String?, _ headers: HTTPHeaders) -> EventSchema {
        if headers.count(of: "ce-specversion") > 0 { return .cloudEvents }
        if contentType?.lowercased().hasPrefix("application/cloudevents") == true { return .cloudEvents }
        guard let root = try? JSONDocument(parsing: body).root else { return .eventGrid }
        let first = root.kind == .array ? root[0] : root
        if first?["specversion"] != nil { return .cloudEvents }
        if first?["eventType"] != nil, first?["eventTime"] != nil { return .eventGrid }
        return root.kind == .array && root.count > 0 && first?.kind == .object ? .custom : .eventGrid
    }
}
