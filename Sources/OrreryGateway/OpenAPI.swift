public import OrreryDocuments
import OrreryHTTP

/// The configuration as others read it: a description of all APIs in OpenAPI 3.1.
extension Gateway {
    /// The description of what callers can ask for, as of now.
    /// - Parameter server: the URL that the APIs are reached under, such as `https://api.example.org`.
    public func openAPI(server: String) -> JSONValue {
        let configuration = current
        var paths: [JSONMember] = []
        for api in configuration.apis.reversed() {
            for operation in api.operations.reversed() {
                let tail = operation.path.text == "/" ? "" : operation.path.text
                let path = api.publicPath + tail.replacingRest
                let member = JSONMember(operation.method.name.lowercased(), Self.description(of: operation, in: api))
                if let index = paths.firstIndex(where: { $0.name == path }), var item = paths[index].value.members {
                    item.append(member)
                    paths[index].value = .object(item)
                } else {
                    paths.append(JSONMember(path, .object([member])))
                }
            }
        }
        return [
            "openapi": "3.1.0", "info": ["title": "APIs", "version": "1"],
            "servers": [["url": .string(server)]], "paths": .object(paths),
            "components": [
                "schemas": ["Error": Self.errorSchema],
                "securitySchemes": Self.securitySchemes(configuration.apis),
            ],
        ]
    }

    private static let errorSchema: JSONValue = [
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

    private static func description(of operation: Operation, in api: API) -> JSONValue {
        var description: JSONValue = [
            "operationId": .string("\(api.id)-\(operation.id)"), "tags": [.string(api.displayName)],
            "responses": responses(of: operation),
        ]
        if !operation.summary.isEmpty { description["summary"] = .string(operation.summary) }
        let parameters = parameters(of: operation, in: api)
        if !parameters.isEmpty { description["parameters"] = .array(parameters) }
        if api.requiresSubscription {
            // An open product takes a token in the key's place.
            description["security"] = [.object([JSONMember("key-" + api.keyHeader, [])]), ["token": []]]
        }
        if operation.takesBody {
            description["requestBody"] = [
                "required": true,
                "content": ["application/json": ["schema": operation.schema?.json ?? ["type": "object"]]],
            ]
        }
        return description
    }

    private static func parameters(of operation: Operation, in api: API) -> [JSONValue] {
        func parameter(_ name: String, _ place: String, isRequired: Bool, _ schema: JSONValue) -> JSONValue {
            ["name": .string(name), "in": .string(place), "required": .boolean(isRequired), "schema": schema]
        }
        var parameters = operation.path.parameterNames.map {
            parameter($0, "path", isRequired: true, ["type": "string", "minLength": 1])
        }
        if let version = api.version, version.scheme != .path {
            let place = version.scheme == .header ? "header" : "query"
            parameters.append(parameter(version.name, place, isRequired: true, ["const": .string(version.value)]))
        }
        guard case .container(let backend) = operation.backend else { return parameters }
        for (place, name) in backend.partitionKey.flatMap(\.requestPlaces) where place != "path" {
            parameters.append(
                parameter(name, place, isRequired: !backend.isAcrossPartitions, ["type": "string", "minLength": 1]))
        }
        if backend.action == .list {
            let limit: JSONValue = ["type": "integer", "minimum": 1, "maximum": 1000]
            parameters.append(parameter("limit", "query", isRequired: false, limit))
            parameters.append(parameter("continuation", "query", isRequired: false, ["type": "string"]))
            parameters += backend.filters.map { parameter($0, "query", isRequired: false, ["type": "string"]) }
        }
        return parameters
    }

    private static func responses(of operation: Operation) -> JSONValue {
        var responses: [JSONMember] = []
        switch operation.backend {
        case .container(let backend):
            switch backend.action {
            case .delete: responses.append(JSONMember("204", ["description": "It is gone."]))
            case .create: responses.append(JSONMember("201", answer("The item as it was made.", ["type": "object"])))
            case .list:
                let page: JSONValue = [
                    "type": "object", "required": ["items"],
                    "properties": [
                        "items": ["type": "array", "items": ["type": "object"]], "continuation": ["type": "string"],
                    ],
                ]
                responses.append(JSONMember("200", answer("A page of items.", page)))
            case .read, .replace: responses.append(JSONMember("200", answer("The item.", ["type": "object"])))
            case .upsert:
                responses.append(JSONMember("200", answer("The item, which was there.", ["type": "object"])))
                responses.append(JSONMember("201", answer("The item as it was made.", ["type": "object"])))
            }
        case .handler, .proxy, .none: responses.append(JSONMember("200", ["description": "The answer."]))
        }
        responses.append(JSONMember("default", answer("What went wrong.", ["$ref": "#/components/schemas/Error"])))
        return .object(responses)
    }

    private static func answer(_ description: String, _ schema: JSONValue) -> JSONValue {
        ["description": .string(description), "content": ["application/json": ["schema": schema]]]
    }
}

extension Operation {
    /// Whether requests have a body.
    fileprivate var takesBody: Bool {
        if case .container(let backend) = backend {
            return backend.action == .create || backend.action == .upsert || backend.action == .replace
        }
        return schema != nil
    }
}

extension String {
    /// OpenAPI has no form for the rest of a path: it is described as one segment.
    fileprivate var replacingRest: String {
        split(separator: "{*", omittingEmptySubsequences: false).joined(separator: "{")
    }
}
