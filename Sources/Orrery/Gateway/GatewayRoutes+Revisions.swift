internal import Glibc
internal import OrreryDocuments
internal import OrreryGateway
internal import OrreryHTTP

/// Revisions of APIs. The current one is the document of the API's name; others are called `NAME;rev=2` and reached
/// under the API's path with `;rev=2` behind it. They have the current one's path and version.
extension GatewayRoutes {
    private static let mark = GatewayDocuments.revisionMark
    private static let releasesMax = 100

    /// `POST /_orrery/gateway/apis/{id}/release` with `{"revision":2,"notes":"…"}`: the revision becomes the current
    /// one and the current one another, in one commit.
    func release(_ request: HTTPRequest, _ id: String, _ responder: HTTPResponder) {
        guard let said = try? JSONValue(parsing: request.body), let number = said["revision"]?.int64 else {
            responder.respond(Self.error(400, "The body must have the number of a revision."))
            return
        }
        let name = "\(id)\(Self.mark)\(number)"
        guard let current = host.documents.document(.api, id), let next = host.documents.document(.api, name) else {
            responder.respond(Self.error(404, "There is no such revision."))
            return
        }
        var note: JSONValue = ["revision": .number(number), "time": .number(Int64(time(nil)))]
        if let text = said["notes"]?.string { note["notes"] = .string(text) }
        var released = Self.bare(next)
        (released["id"], released["revision"]) = (.string(id), .number(number))
        for name in ["path", "version"] { released[name] = current[name] }
        released["releases"] = .array(Array(([note] + (current["releases"]?.array ?? [])).prefix(Self.releasesMax)))
        var former = Self.bare(current)
        let formerNumber = current["revision"]?.int64 ?? 1
        (former["id"], former["revision"]) = (.string("\(id)\(Self.mark)\(formerNumber)"), .number(formerNumber))
        for name in ["path", "version", "releases"] { former[name] = Optional<JSONValue>.none }
        do throws(ConfigurationError) {
            try host.gateway.check(released, of: .api)
        } catch {
            responder.respond(Self.error(400, error.description))
            return
        }
        let answer = Self.json(200, Self.shown(released))
        host.documents.change(keeping: [released, former], removing: [name], of: .api) { isKept in
            finish(request, "releaseGateway:api", isKept, answer, responder)
        }
    }

    /// The ids of an API's other revisions.
    func revisions(of id: String) -> [String] {
        let documents = (try? host.documents.all().documents) ?? []
        return documents.filter { $0["kind"]?.string == GatewayDocumentKind.api.rawValue }
            .compactMap { $0["id"]?.string }.filter { $0.hasPrefix(id + Self.mark) }
    }

    /// Completes an API that is to be kept by what callers do not say: a current one stays the revision that it is.
    /// - Returns: why it cannot be kept; nil where it can.
    func prepareRevision(_ document: inout JSONValue, _ id: String, _ old: JSONValue?) -> String? {
        guard let mark = id.firstRange(of: Self.mark) else {
            for name in ["revision", "releases"] where document[name] == nil { document[name] = old?[name] }
            return nil
        }
        guard let current = host.documents.document(.api, String(id[..<mark.lowerBound])) else {
            return "There is no API that it would be a revision of."
        }
        if host.documents.isCurrent(id) { return "It is the current revision: change the API itself." }
        return current["path"]?.string == "/" ? "An API at the root has no revisions." : nil
    }

    /// A document without what the database adds to it.
    private static func bare(_ document: JSONValue) -> JSONValue {
        .object((document.members ?? []).filter { !$0.name.hasPrefix("_") })
    }
}
