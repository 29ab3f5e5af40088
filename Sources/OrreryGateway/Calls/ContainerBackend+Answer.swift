import OrreryDocuments
import OrreryHTTP

/// Containers as resources: a call becomes a request on the database's REST contract, and the answer a plain one.
extension ContainerBackend {
    /// Items of a page where the caller does not say, and the most that may be said.
    private static let itemsDefault = 100
    private static let itemsMax = 1000

    func answer(
        _ call: GatewayCall, _ database: @Sendable (HTTPRequest, HTTPResponder) -> Void, _ responder: BackendResponder
    ) {
        let key = partitionKey.map { $0.text(for: call) }
        // An empty part is one that the caller left out: it must not widen what is read.
        if !isAcrossPartitions, key.contains("") {
            responder.refuse(GatewayAnswer.error(400, "The request does not say which partition it is for."))
            return
        }
        guard let request = request(for: call, key.contains("") ? [] : key) else {
            responder.refuse(GatewayAnswer.error(400, "The request cannot be read."))
            return
        }
        let action = action
        let path = call.api.publicPath
        let reservations = call.reservations
        database(
            request,
            HTTPResponder { answer in
                guard let answer else {
                    responder.refuse(GatewayAnswer.error(503, "The database did not answer."))
                    return
                }
                if !reservations.isEmpty {
                    let units = Self.thousandths(answer.headers["x-ms-request-charge"] ?? "")
                    for reservation in reservations { reservation.charge(units) }
                }
                responder.respond(Self.plain(answer, action, path))
            })
    }

    /// Thousandths of request units, of a number in decimal; what lies below a thousandth counts for one.
    static func thousandths(_ text: String) -> Int {
        guard let units = Double(text), units.isFinite, units > 0 else { return 0 }
        return Int(exactly: (units * 1000).rounded(.toNearestOrAwayFromZero)) ?? 0
    }

    private func request(for call: GatewayCall, _ key: [String]) -> HTTPRequest? {
        let feed = "/dbs/\(PercentEncoding.encode(database.utf8))/colls/\(PercentEncoding.encode(container.utf8))/docs"
        var fields: [(name: String, value: String)] = []
        if !key.isEmpty {
            let text = JSONValue.array(key.map { .string($0) }).text
            fields.append(("x-ms-documentdb-partitionkey", Self.ascii(text)))
        }
        for name in ["if-match", "if-none-match", "x-ms-activity-id", "traceparent"] {
            if let value = call.headers.first(name) { fields.append((name, value)) }
        }
        let one = feed + "/" + PercentEncoding.encode(id.text(for: call).utf8)
        func made(_ method: HTTPMethod, _ target: String, _ body: [UInt8]) -> HTTPRequest {
            HTTPRequest(
                method: method, target: Array(target.utf8), headers: HTTPHeaders(fields), body: body,
                peer: call.request.peer, isTLS: call.request.isTLS)
        }
        switch action {
        case .read: return made(.get, one, [])
        case .delete: return made(.delete, one, [])
        case .replace: return made(.put, one, call.request.body)
        case .create: return made(.post, feed, call.request.body)
        case .upsert:
            fields.append(("x-ms-documentdb-is-upsert", "true"))
            return made(.post, feed, call.request.body)
        case .list:
            guard let count = Self.itemCount(call) else { return nil }
            fields.append(("x-ms-documentdb-isquery", "true"))
            fields.append(("x-ms-max-item-count", "\(count)"))
            fields.append(("x-ms-documentdb-query-enablecrosspartition", "true"))
            fields.append(("x-orrery-cross-partition", "server"))
            if let continuation = call.query.first("continuation") {
                fields.append(("x-ms-continuation", continuation))
            }
            return made(.post, feed, query(call).text)
        }
    }

    private static func itemCount(_ call: GatewayCall) -> Int? {
        guard let text = call.query.first("limit") else { return itemsDefault }
        return Int(text).flatMap { (1...itemsMax).contains($0) ? $0 : nil }
    }

    /// Properties are compared as texts, and where the text could be a number or a truth value, as that too.
    private func query(_ call: GatewayCall) -> JSONValue {
        var conditions: [String] = []
        var parameters: [JSONValue] = []
        func parameter(_ value: JSONValue) -> String {
            let name = "@p\(parameters.count)"
            parameters.append(["name": .string(name), "value": value])
            return name
        }
        for filter in filters {
            guard let given = call.query.first(filter) else { continue }
            let names = filter.split(separator: "/").map { JSONValue.string(String($0)).description }
            let property = "c" + names.map { "[\($0)]" }.joined()
            var condition = "\(property) = \(parameter(.string(given)))"
            if let value = try? JSONValue(parsing: given), value.number != nil || value.boolean != nil {
                condition = "(\(condition) OR \(property) = \(parameter(value)))"
            }
            conditions.append(condition)
        }
        let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        return ["query": .string("SELECT * FROM c" + filter), "parameters": .array(parameters)]
    }

    /// JSON with everything beyond ASCII escaped, as a header has to be.
    private static func ascii(_ json: [UInt8]) -> String {
        guard let value = try? JSONValue(parsing: json) else { return "" }
        var writer = JSONWriter(escapesNonASCII: true)
        value.write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    // MARK: Answers

    private static func plain(_ answer: HTTPResponse, _ action: Action, _ path: String) -> HTTPResponse {
        if answer.status >= 400 { return error(answer) }
        var plain = HTTPResponse(status: answer.status)
        if let etag = answer.headers["etag"], action != .list, action != .delete { plain.headers.append("ETag", etag) }
        guard !answer.body.isEmpty, let json = try? JSONValue(parsing: answer.body) else { return plain }
        plain.headers.append("Content-Type", "application/json")
        guard action == .list else {
            if action == .create, answer.status == 201, let id = json["id"]?.string {
                plain.headers.append("Location", path + "/" + PercentEncoding.encode(id.utf8))
            }
            plain.body = bare(json).text
            return plain
        }
        var page: JSONValue = ["items": .array((json["Documents"]?.array ?? []).map(bare))]
        if let continuation = answer.headers["x-ms-continuation"] { page["continuation"] = .string(continuation) }
        plain.body = page.text
        return plain
    }

    /// An item without what the database adds to it.
    private static func bare(_ item: JSONValue) -> JSONValue {
        guard let members = item.members else { return item }
        let own = ["_rid", "_self", "_etag", "_attachments", "_ts"]
        return .object(members.filter { !own.contains($0.name) })
    }

    private static func error(_ answer: HTTPResponse) -> HTTPResponse {
        let message = (try? JSONValue(parsing: answer.body))?["message"]?.string ?? "The request failed."
        // The database ends its messages with the number of the request, behind a line end.
        let line = message.split(separator: "\r\n").first?.split(separator: "\n").first.map(String.init) ?? message
        let first = queryFault(line) ?? line
        var plain = GatewayAnswer.error(answer.status, answer.status >= 500 ? "The database failed." : first)
        if let milliseconds = answer.headers["x-ms-retry-after-ms"].flatMap({ Int($0) }) {
            plain.headers.append("Retry-After", (milliseconds + 999) / 1000)
        }
        return plain
    }

    /// What is wrong with a query, out of the list that Cosmos DB's errors have it in; nil for other messages.
    private static func queryFault(_ message: String) -> String? {
        let prefix = "Message: "
        guard message.hasPrefix(prefix) else { return nil }
        let list = try? JSONValue(parsing: String(message.dropFirst(prefix.count)))
        return list?["errors"]?[0]?["message"]?.string
    }
}
