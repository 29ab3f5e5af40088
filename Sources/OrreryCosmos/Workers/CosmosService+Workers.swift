import OrreryDatabase
import OrreryDocuments
import OrreryHTTP
import OrreryTriggers

/// Handlers over HTTP: how they fare and what an operator does with them, and leases for those that run in other
/// processes. Whoever has a master key, sent as `Bearer KEY`, may ask; a key that only reads is good for `GET`.
///
/// | request | what it does |
/// |---|---|
/// | `GET /_orrery/handlers` | how all handlers fare |
/// | `POST /_orrery/handlers/NAME/pause`, `…/resume` | hands over no more changes; goes on |
/// | `POST /_orrery/handlers/NAME/replay?lsn=N` or `?time=MILLISECONDS` | hands changes over again |
/// | `POST /_orrery/handlers/NAME/redrive` | hands dead letters over again |
/// | `DELETE /_orrery/handlers/NAME` | forgets how far a handler is that runs nowhere any more |
/// | `/_orrery/leases/…` | see ``LeaseRequest`` |
extension CosmosService {
    private static let workerPathPrefix = Array("/_orrery/".utf8)

    /// Whether a path is about handlers; no link of the REST API begins so.
    static func isWorkerPath(_ path: ArraySlice<UInt8>) -> Bool { path.starts(with: workerPathPrefix) }

    func answerWorker(_ http: HTTPRequest, _ responder: HTTPResponder) {
        do throws(CosmosError) {
            let kind = try keyHolder(http)
            if kind.isReadOnly, http.method != .get { throw .readOnlyKey }
            guard let segments = try? http.pathSegments() else { throw .notFound }
            let query = http.queryFields
            switch segments.dropFirst().first {
            case "handlers":
                Task { responder.respond(await self.controlHandlers(http, Array(segments.dropFirst(2)), query)) }
            case "leases":
                let request = try LeaseRequest(http.method, Array(segments.dropFirst(2)), query, body: http.body)
                LeaseExchange(request, http, responder, self).start()
            default: throw .notFound
            }
        } catch {
            if [401, 403].contains(error.status) { auditRefusal(http, operation: "handlers", error) }
            responder.respond(CosmosResponse.error(error, activityID: ActivityID.of(http)))
        }
    }

    /// Does what an operator asks, and writes it down.
    private func controlHandlers(
        _ http: HTTPRequest, _ segments: [String], _ query: [String: String]
    ) async -> HTTPResponse {
        let response = await control(http, segments, query)
        if http.method != .get {
            let verb = http.method == .delete ? "forget" : segments.dropFirst().first ?? ""
            audit(http, operation: "\(verb)Handler", status: response.status)
        }
        return response
    }

    private func control(_ http: HTTPRequest, _ segments: [String], _ query: [String: String]) async -> HTTPResponse {
        do throws(TriggerError) {
            switch (http.method, segments.first, segments.dropFirst().first) {
            case (.get, nil, nil): return Self.json(200, .array(try handlers.statuses().map(\.json)))
            case (.delete, let name?, nil): try await handlers.forget(name)
            case (.post, let name?, "pause"): try await handlers.pause(name)
            case (.post, let name?, "resume"): try await handlers.resume(name)
            case (.post, let name?, "replay"):
                guard let start = ReplayStart(query) else {
                    let error = CosmosError.badRequest("Say from where: lsn=N or time=MILLISECONDS.")
                    return CosmosResponse.error(error, activityID: ActivityID.of(http))
                }
                try await handlers.replay(name, from: start)
            case (.post, let name?, "redrive"):
                let result = try await handlers.redrive(name)
                return Self.json(200, [
                    "handled": .number(result.handledCount), "failed": .number(result.failedCount),
                    "waiting": .number(result.waitingCount),
                ])
            default: return CosmosResponse.error(.notFound, activityID: ActivityID.of(http))
            }
            return HTTPResponse(status: 204)
        } catch {
            return CosmosResponse.error(CosmosError(error), activityID: ActivityID.of(http))
        }
    }

    static func json(_ status: Int, _ value: JSONValue) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "application/json", body: value.text)
    }

    /// Has the documents of leases and checkpoints brought up to date, where a request is going to read them.
    /// - Returns: whether that is under way; then `body` is called afterwards.
    func refreshLeases(for link: ResourceLink, _ body: @escaping @Sendable () -> Void) -> Bool {
        guard link.kind == .document, link.id(at: 0)?.elementsEqual(Account.systemDatabaseName.utf8) == true,
            link.id(at: 1)?.elementsEqual(LeaseBook.containerName.utf8) == true
        else { return false }
        Task {
            // Where that fails they are shown as they were.
            try? await self.handlers.refreshLeaseBook()
            body()
        }
        return true
    }
}

extension ReplayStart {
    fileprivate init?(_ query: [String: String]) {
        if let lsn = query["lsn"].flatMap({ UInt64($0) }) {
            self = .lsn(lsn)
        } else if let milliseconds = query["time"].flatMap({ Int64($0) }) {
            self = .time(milliseconds)
        } else {
            return nil
        }
    }
}

extension CosmosError {
    fileprivate init(_ error: TriggerError) {
        switch error {
        case .unknown: self = .notFound
        case .running(let name): self.init(status: 409, "The handler '\(name)' runs.")
        case .nameTaken(let name): self.init(status: 409, "There is a handler '\(name)' already.")
        case .badPredicate(let message): self.init(status: 400, message)
        case .database(let error): self.init(error)
        }
    }
}

extension TriggerStatus {
    fileprivate var json: JSONValue {
        func number(_ value: some BinaryInteger) -> JSONValue { .number(JSONNumber(Int64(clamping: value))) }
        return [
            "name": .string(name), "database": .string(database), "container": .string(container),
            "remote": .boolean(isRemote), "paused": .boolean(isPaused), "lag": number(lagCount),
            "lagMilliseconds": number(lagMilliseconds), "processed": number(processed), "failed": number(failed),
            "retried": number(retried), "deadLettered": number(deadLettered),
            "places": .object(places.sorted { $0.key < $1.key }.map { JSONMember("\($0.key)", number($0.value)) }),
            "trimmedRanges": .array(trimmedRanges.map(number)), "lostMax": number(lostCountMax),
        ]
    }
}
