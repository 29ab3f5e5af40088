import OrreryDocuments

/// Operations: their ids, parameters, bodies and answers.
extension OpenAPIImport {
    mutating func operation(
        _ json: JSONValue, _ method: String, _ path: String, in item: JSONValue
    ) throws(ConfigurationError) -> JSONValue {
        let place = "\(method.uppercased()) \(path)"
        guard json.members != nil else { throw ConfigurationError("\(place) is not an object") }
        guard path.hasPrefix("/") else { throw ConfigurationError("\(place): the path begins with no slash") }
        guard try PathTemplate(path, at: place).restName == nil else {
            throw ConfigurationError("\(place): a name cannot begin with an asterisk")
        }
        var operation: JSONValue = [
            "id": .string(Self.name(json["operationId"]?.string ?? method + path)),
            "method": .string(method.uppercased()), "path": .string(path),
        ]
        for name in ["summary", "description"] {
            if let text = json[name]?.string, !text.isEmpty { operation[name] = .string(text) }
        }
        let parameters = try parameters(json, item, at: place)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let body = json["requestBody"] { try add(body, to: &operation, at: place) }
        let responses = try responses(json["responses"], at: place)
        if !responses.isEmpty { operation["responses"] = .object(responses) }
        return operation
    }

    /// Letters, digits, dots, hyphens and underscores of a text, with hyphens for what is between.
    static func name(_ text: String) -> String {
        var name = ""
        for scalar in text.unicodeScalars.prefix(500) where name.utf8.count < 80 {
            if scalar.isASCII, SchemaNode.isName(String(scalar)) {
                name.unicodeScalars.append(scalar)
            } else if !name.isEmpty, !name.hasSuffix("-") {
                name += "-"
            }
        }
        while name.hasSuffix("-") { name.removeLast() }
        return name.isEmpty ? "operation" : name
    }

    // MARK: Parameters

    /// The operation's, and those of its path that it does not have anew.
    private mutating func parameters(
        _ json: JSONValue, _ item: JSONValue, at place: String
    ) throws(ConfigurationError) -> [JSONValue] {
        var parameters: [JSONValue] = []
        for list in [json["parameters"], item["parameters"]] {
            for part in list?.array ?? [] {
                let said = try resolved(part, at: place)
                guard let name = said["name"]?.string, let kind = said["in"]?.string else {
                    throw ConfigurationError("\(place): a parameter has no name, or is nowhere")
                }
                let isKnown = parameters.contains { $0["name"]?.string == name && $0["in"]?.string == kind }
                if isKnown { continue }
                guard OperationParameter.Place(rawValue: kind) != nil else {
                    warn("\(place): the parameter '\(name)' in the \(kind) is passed on unchecked")
                    continue
                }
                // OpenAPI has these described elsewhere, and has parameters of these names ignored.
                let isOther = ["accept", "content-type", "authorization"].contains(name.lowercased())
                if kind == "header", isOther { continue }
                parameters.append(try parameter(said, name, kind, at: "\(place), parameter '\(name)'"))
            }
        }
        return parameters
    }

    private mutating func parameter(
        _ said: JSONValue, _ name: String, _ kind: String, at place: String
    ) throws(ConfigurationError) -> JSONValue {
        var parameter: JSONValue = ["name": .string(name), "in": .string(kind)]
        if let isRequired = said["required"]?.boolean { parameter["required"] = .boolean(isRequired) }
        if let text = said["description"]?.string { parameter["description"] = .string(text) }
        let style = said["style"]?.string ?? (kind == "query" ? "form" : "simple")
        if let isExploded = said["explode"]?.boolean { parameter["explode"] = .boolean(isExploded) }
        if let schema = said["schema"], style == "form" || style == "simple" {
            parameter["schema"] = try self.schema(schema, at: place)
        } else {
            warn("\(place) is not checked: it is written in another way than form or simple")
            parameter["schema"] = [:]
        }
        return parameter
    }

    // MARK: Bodies

    private mutating func add(
        _ body: JSONValue, to operation: inout JSONValue, at place: String
    ) throws(ConfigurationError) {
        let body = try resolved(body, at: place)
        operation["bodyRequired"] = .boolean(body["required"]?.boolean ?? false)
        let contents = body["content"]?.members ?? []
        let json = contents.first { Self.isJSON($0.name) }
        let others = contents.filter { !Self.isJSON($0.name) }.map(\.name)
        if json != nil, others.isEmpty, let schema = json?.value["schema"] {
            operation["schema"] = try self.schema(schema, at: "\(place), body")
        } else if !contents.isEmpty {
            // A body may be of any of the types, and what is not JSON cannot be held to a schema of JSON.
            warn("\(place): bodies are passed on unchecked, for they may be of other types than JSON")
        }
    }

    private static func isJSON(_ type: String) -> Bool {
        let type = (type.split(separator: ";").first ?? "").lowercased().filter { $0 != " " }
        return type == "application/json" || type.hasSuffix("+json") || type == "*/*"
    }

    private mutating func responses(
        _ json: JSONValue?, at place: String
    ) throws(ConfigurationError) -> [JSONMember] {
        var responses: [JSONMember] = []
        for member in json?.members ?? [] where !member.name.hasPrefix("x-") {
            let said = try resolved(member.value, at: "\(place), response \(member.name)")
            var response: JSONValue = ["description": .string(said["description"]?.string ?? "")]
            if let content = said["content"]?.members?.first(where: { Self.isJSON($0.name) }),
                let schema = content.value["schema"]
            {
                response["schema"] = try self.schema(schema, at: "\(place), response \(member.name)")
            }
            responses.append(JSONMember(member.name, response))
        }
        return responses
    }
}
