public import OrreryDocuments
import OrreryHTTP

/// The configuration as others read it, in OpenAPI 3.1.
extension Gateway {
    /// The description of what callers can ask for, as of now. Where versions of an API share their paths, the last one
    /// by name is described.
    /// - Parameter server: the URL that the APIs are reached under, such as `https://api.example.org`.
    public func openAPI(server: String) -> JSONValue {
        OpenAPIDescription(title: "APIs", version: "1", isCombined: true)
            .json(of: current.apis.filter(\.isCurrent), server: server)
    }

    /// The description of one API; nil where there is none of that id.
    public func openAPI(server: String, ofAPI id: String) -> JSONValue? {
        guard let api = current.apis.first(where: { $0.documentID == id }) else { return nil }
        let version = api.version?.value ?? "1"
        return OpenAPIDescription(title: api.displayName, version: version, isCombined: false)
            .json(of: [api], server: server)
    }
}

/// Makes OpenAPI documents of APIs.
struct OpenAPIDescription {
    let title: String
    let version: String
    /// Whether several APIs are described, so that the names of their schemas have to be told apart.
    let isCombined: Bool

    func json(of apis: [API], server: String) -> JSONValue {
        var paths: [JSONMember] = []
        var schemas = [JSONMember("GatewayError", Self.errorSchema)]
        for api in apis.sorted(by: Self.isDescribedBefore) {
            for operation in api.operations.reversed() { add(operation, of: api, to: &paths) }
            schemas += api.schemas.json.map { JSONMember(prefix(api) + $0.name, placed($0.value, in: api)) }
        }
        return [
            "openapi": "3.1.0", "info": info(apis), "servers": [["url": .string(server)]], "paths": .object(paths),
            "components": ["schemas": .object(schemas), "securitySchemes": Self.securitySchemes(apis)],
        ]
    }

    private func info(_ apis: [API]) -> JSONValue {
        var info: JSONValue = ["title": .string(title), "version": .string(version)]
        if !isCombined, let text = apis.first?.description, !text.isEmpty { info["description"] = .string(text) }
        return info
    }

    /// By path, and the latest version of a path first: of two under one path only the first is described.
    private static func isDescribedBefore(_ left: API, _ right: API) -> Bool {
        let (a, b) = (left.segments.joined(separator: "/"), right.segments.joined(separator: "/"))
        if a != b { return a < b }
        return (left.version?.value ?? "", left.id) > (right.version?.value ?? "", right.id)
    }

    private func add(_ operation: Operation, of api: API, to paths: inout [JSONMember]) {
        let tail = operation.path.text == "/" ? "" : operation.path.text
        let path = api.publicPath + tail.split(separator: "{*", omittingEmptySubsequences: false).joined(separator: "{")
        let member = JSONMember(operation.method.name.lowercased(), description(of: operation, in: api))
        guard let index = paths.firstIndex(where: { $0.name == path }), var item = paths[index].value.members else {
            paths.append(JSONMember(path, .object([member])))
            return
        }
        guard !item.contains(where: { $0.name == member.name }) else { return }
        item.append(member)
        paths[index].value = .object(item)
    }

    static let errorSchema: JSONValue = [
        "type": "object", "required": ["statusCode", "message"],
        "properties": ["statusCode": ["type": "integer"], "message": ["type": "string"]],
    ]

    private static func securitySchemes(_ apis: [API]) -> JSONValue {
        var schemes: [JSONMember] = [JSONMember("token", ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"])]
        for header in Set(apis.map(\.keyHeader)).sorted() {
            schemes.append(JSONMember("key-" + header, ["type": "apiKey", "in": "header", "name": .string(header)]))
        }
        return .object(schemes)
    }

    private func description(of operation: Operation, in api: API) -> JSONValue {
        var description: JSONValue = [
            "operationId": .string(isCombined ? "\(api.id)-\(operation.id)" : operation.id),
            "tags": [.string(api.displayName)], "responses": responses(of: operation, in: api),
        ]
        if !operation.summary.isEmpty { description["summary"] = .string(operation.summary) }
        if !operation.description.isEmpty { description["description"] = .string(operation.description) }
        let parameters = parameters(of: operation, in: api)
        if !parameters.isEmpty { description["parameters"] = .array(parameters) }
        if api.requiresSubscription {
            // An open product takes a token in the key's place.
            description["security"] = [.object([JSONMember("key-" + api.keyHeader, [])]), ["token": []]]
        }
        if operation.takesBody {
            let schema = operation.schema.map { placed($0.json, in: api) } ?? ["type": "object"]
            description["requestBody"] = [
                "required": .boolean(operation.needsBody || operation.schema == nil),
                "content": ["application/json": ["schema": schema]],
            ]
        }
        return description
    }

    private func parameters(of operation: Operation, in api: API) -> [JSONValue] {
        var parameters = operation.parameters.map { parameter in
            var json: JSONValue = [
                "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
                "required": .boolean(parameter.isRequired || parameter.place == .path),
            ]
            if !parameter.description.isEmpty { json["description"] = .string(parameter.description) }
            if parameter.schema.types.contains("array") { json["explode"] = .boolean(parameter.isExploded) }
            json["schema"] = placed(parameter.schema.json, in: api)
            return json
        }
        if let version = api.version, version.scheme != .path {
            parameters.append([
                "name": .string(version.name), "in": .string(version.scheme.rawValue), "required": true,
                "schema": ["const": .string(version.value)],
            ])
        }
        return parameters
    }

    // MARK: Answers

    private func responses(of operation: Operation, in api: API) -> JSONValue {
        var responses: [JSONMember] = operation.responses.map { said in
            let description = said.value["description"]?.string ?? ""
            guard let schema = said.value["schema"] else { return JSONMember(said.name, Self.answer(description)) }
            return JSONMember(said.name, Self.answer(description, placed(schema, in: api)))
        }
        if responses.isEmpty { responses = Self.responses(of: operation.backend) }
        if case .container = operation.backend, !responses.contains(where: { $0.name == "default" }) {
            let error: JSONValue = ["$ref": "#/components/schemas/GatewayError"]
            responses.append(JSONMember("default", Self.answer("What went wrong.", error)))
        } else if !responses.contains(where: { $0.name == "default" }) {
            // Whoever answers has errors of its own.
            responses.append(JSONMember("default", Self.answer("What went wrong.")))
        }
        return .object(responses)
    }

    private static func responses(of backend: Backend) -> [JSONMember] {
        guard case .container(let backend) = backend else { return [JSONMember("200", answer("The answer."))] }
        switch backend.action {
        case .delete: return [JSONMember("204", answer("It is gone."))]
        case .create: return [JSONMember("201", answer("The item as it was made.", ["type": "object"]))]
        case .list: return [JSONMember("200", answer("A page of items.", pageSchema))]
        case .read, .replace: return [JSONMember("200", answer("The item.", ["type": "object"]))]
        case .upsert:
            return [
                JSONMember("200", answer("The item, which was there.", ["type": "object"])),
                JSONMember("201", answer("The item as it was made.", ["type": "object"])),
            ]
        }
    }

    private static let pageSchema: JSONValue = [
        "type": "object", "required": ["items"],
        "properties": [
            "items": ["type": "array", "items": ["type": "object"]], "continuation": ["type": "string"],
        ],
    ]

    private static func answer(_ description: String, _ schema: JSONValue? = nil) -> JSONValue {
        var answer: JSONValue = ["description": .string(description)]
        if let schema { answer["content"] = ["application/json": ["schema": schema]] }
        return answer
    }

    // MARK: Schemas

    private func prefix(_ api: API) -> String { isCombined ? api.id + "." : "" }

    /// A schema with its references led to where the document has the schemas of the API.
    private func placed(_ schema: JSONValue, in api: API) -> JSONValue {
        guard isCombined else { return schema }
        switch schema {
        case .array(let elements): return .array(elements.map { placed($0, in: api) })
        case .object(let members):
            return .object(
                members.map { member in
                    guard member.name == "$ref", let text = member.value.string,
                        text.hasPrefix(SchemaNode.referencePrefix)
                    else { return JSONMember(member.name, placed(member.value, in: api)) }
                    let name = text.dropFirst(SchemaNode.referencePrefix.count)
                    return JSONMember("$ref", .string(SchemaNode.referencePrefix + prefix(api) + name))
                })
        default: return schema
        }
    }
}

extension Operation {
    /// Whether requests have a body.
    fileprivate var takesBody: Bool {
        if case .container(let backend) = backend { return backend.takesDocument }
        return schema != nil || needsBody
    }
}
