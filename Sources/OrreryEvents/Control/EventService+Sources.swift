import OrreryDocuments
import OrreryHTTP

/// Bridges and the topic of system events on the control plane.
extension EventService {
    func answerBridges(
        _ name: String?, _ path: ControlPath, _ request: EventRequest
    ) async throws(EventError) -> HTTPResponse {
        guard let name else {
            guard request.http.method == .get else { throw Self.methodNotAllowed }
            return EventAnswer.json(["value": .array(host.bridgeResources())])
        }
        if let action = path.action {
            guard action == "replay", request.http.method == .post else { throw Self.methodNotAllowed }
            let time = try time(request, "time") ?? EventTime(microseconds: 0)
            try await host.replayBridge(name, sinceMilliseconds: time.milliseconds)
            return EventAnswer.json(["replayedSince": .string(time.text)], status: 202)
        }
        switch request.http.method {
        case .get: return try bridge(name, status: 200)
        case .put:
            let isNew = try await host.putBridge(BridgeDefinition(try body(request), named: name))
            return try bridge(name, status: isNew ? 201 : 200)
        case .delete:
            if host.sources.bridge(name) == nil { return HTTPResponse(status: 204) }
            try await host.deleteBridge(name)
            return EventAnswer.empty
        default: throw Self.methodNotAllowed
        }
    }

    private func bridge(_ name: String, status: Int) throws(EventError) -> HTTPResponse {
        _ = try host.bridge(name)
        let resource = host.bridgeResources().first { $0["name"]?.string?.utf8.elementsEqual(name.utf8) == true }
        return EventAnswer.json(resource ?? .object([]), status: status)
    }

    func answerSystemTopic(_ request: EventRequest) async throws(EventError) -> HTTPResponse {
        switch request.http.method {
        case .get: break
        case .put:
            guard let topic = try body(request)["topic"]?.string else {
                throw EventError(.badRequest, "topic must name a topic.")
            }
            try await host.setSystemTopic(topic)
        case .delete: try await host.setSystemTopic(nil)
        default: throw Self.methodNotAllowed
        }
        return EventAnswer.json(["topic": host.systemTopic.map { .string($0) } ?? .null])
    }
}
