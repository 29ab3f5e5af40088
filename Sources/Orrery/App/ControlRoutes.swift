internal import OrreryCosmos
internal import OrreryDocuments
internal import OrreryHTTP
internal import OrreryTelemetry
internal import OrreryTriggers

/// The pages of whoever runs an app: whether it is alive, what it counts, and how its handlers fare.
///
/// | request | what it does |
/// |---|---|
/// | `GET /healthz`, `GET /metrics` | without a key |
/// | `GET /_orrery/handlers` | how all handlers fare |
/// | `POST /_orrery/handlers/NAME/pause`, `…/resume` | begins no more calls; goes on |
/// | `POST /_orrery/handlers/NAME/replay?lsn=N` or `?time=MILLISECONDS` | hands changes over again |
/// | `POST /_orrery/handlers/NAME/redrive` | hands dead letters over again |
struct ControlRoutes: Sendable {
    private let host: TriggerHost
    private let metrics: MetricsRegistry
    private let service: CosmosService

    init(host: TriggerHost, metrics: MetricsRegistry, service: CosmosService) {
        (self.host, self.metrics, self.service) = (host, metrics, service)
    }

    /// Whether the request is for one of these pages; then it will be answered.
    func answer(_ request: HTTPRequest, _ responder: HTTPResponder) -> Bool {
        let path = request.path
        if path == "/healthz" {
            responder.respond(HTTPResponse(status: 200, contentType: "text/plain", body: Array("ok\n".utf8)))
            return true
        }
        if path == "/metrics" {
            responder.respond(
                HTTPResponse(
                    status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8",
                    body: Array(metrics.prometheusText.utf8)))
            return true
        }
        guard let segments = try? request.pathSegments(), segments.first == "_orrery",
            segments.dropFirst().first == "handlers"
        else { return false }
        guard service.isFromKeyHolder(request) else {
            responder.respond(HTTPResponse(status: 401))
            return true
        }
        host.run { responder.respond(await self.control(request, Array(segments.dropFirst(2)))) }
        return true
    }

    private func control(_ request: HTTPRequest, _ segments: [String]) async -> HTTPResponse {
        do throws(TriggerError) {
            if segments.isEmpty, request.method == .get {
                return Self.json(200, .array(host.statuses().map(\.json)))
            }
            guard segments.count == 2, request.method == .post else { return HTTPResponse(status: 404) }
            let name = segments[0]
            switch segments[1] {
            case "pause": try host.pause(name)
            case "resume": try host.resume(name)
            case "replay":
                guard let start = Self.replayStart(request) else {
                    return Self.json(400, ["error": "say lsn=N or time=MILLISECONDS"])
                }
                try await host.replay(name, from: start)
            case "redrive":
                let result = try await host.redrive(name)
                return Self.json(200, [
                    "handled": .number(JSONNumber(Int64(result.handled))),
                    "failed": .number(JSONNumber(Int64(result.failed))),
                ])
            default: return HTTPResponse(status: 404)
            }
            return HTTPResponse(status: 204)
        } catch {
            if case .unknown = error { return HTTPResponse(status: 404) }
            return Self.json(500, ["error": .string("\(error)")])
        }
    }

    private static func replayStart(_ request: HTTPRequest) -> ReplayStart? {
        let query = String(decoding: request.rawQuery ?? [], as: UTF8.self).split(separator: "=")
        guard query.count == 2 else { return nil }
        switch query[0] {
        case "lsn": return UInt64(query[1]).map { .lsn($0) }
        case "time": return Int64(query[1]).map { .time($0) }
        default: return nil
        }
    }

    private static func json(_ status: Int, _ value: JSONValue) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "application/json", body: value.text)
    }
}

extension TriggerStatus {
    fileprivate var json: JSONValue {
        func number(_ value: some BinaryInteger) -> JSONValue { .number(JSONNumber(Int64(clamping: value))) }
        return [
            "name": .string(name), "database": .string(database), "container": .string(container),
            "paused": .boolean(isPaused), "lag": number(lagCount), "lagMilliseconds": number(lagMilliseconds),
            "processed": number(processed), "failed": number(failed), "retried": number(retried),
            "deadLettered": number(deadLettered),
            "places": .object(places.sorted { $0.key < $1.key }.map { JSONMember("\($0.key)", number($0.value)) }),
            "trimmedRanges": .array(trimmedRanges.map(number)),
        ]
    }
}
