import OrreryDocuments

/// A field that a request has in its path, query or headers, and what it must be like:
/// `{"name":"limit","in":"query","required":false,"schema":{"type":"integer"}}`.
struct OperationParameter: Sendable {
    enum Place: String, Sendable, CaseIterable {
        case path, query, header
    }

    let name: String
    let place: Place
    let isRequired: Bool
    let description: String
    let schema: JSONSchema
    /// Whether each element of a list is a field of its own, rather than all in one with commas between.
    let isExploded: Bool
    /// What messages call it.
    private let subject: String

    init(_ json: JSONValue, at place: String, _ named: NamedSchemas) throws(ConfigurationError) {
        var reader = try ConfigurationReader(json, at: "\(place), parameter")
        name = try reader.requiredText("name")
        subject = "the parameter '\(name)'"
        guard let kind = try reader.word("in", Place.self) else { throw reader.wrong("in", "path, query or header") }
        self.place = kind
        isRequired = try reader.flag("required") ?? (kind == .path)
        description = try reader.text("description") ?? ""
        isExploded = try reader.flag("explode") ?? (kind == .query)
        let schema = reader.value("schema") ?? ["type": "string"]
        self.schema = try JSONSchema(schema, at: "\(place), parameter '\(name)'", named)
        try reader.finish()
    }

    init(name: String, place: Place, isRequired: Bool, schema: JSONSchema) {
        (self.name, self.place, self.isRequired, self.schema) = (name, place, isRequired, schema)
        (description, isExploded, subject) = ("", true, "the parameter '\(name)'")
    }

    /// What is wrong with the parameter in a call; nil where nothing is.
    func fault(in call: GatewayCall) -> String? {
        let texts = texts(in: call)
        guard !texts.isEmpty else {
            return isRequired ? "the parameter '\(name)' in the \(place.rawValue) is required" : nil
        }
        let types = schema.types
        if types.contains("array") {
            let parts = isExploded ? texts : texts.flatMap { $0.split(separator: ",").map(String.init) }
            return fault(parts.map { Self.values($0, types.subtracting(["array"])) })
        }
        // Who answers may look at any of a field's values, so all of them are looked at.
        for text in texts {
            var first: String?
            let fits = Self.values(text, types).contains { value in
                let fault = schema.fault(in: value, called: subject)
                first = first ?? fault
                return fault == nil
            }
            if !fits { return first }
        }
        return nil
    }

    /// Elements are read as numbers and truth values first; a list of texts may look like either.
    private func fault(_ elements: [[JSONValue]]) -> String? {
        let read = JSONValue.array(elements.map { $0.last ?? .null })
        let plain = JSONValue.array(elements.map { $0.first ?? .null })
        guard let fault = schema.fault(in: read, called: subject) else { return nil }
        return schema.fault(in: plain, called: subject).map { _ in fault }
    }

    private func texts(in call: GatewayCall) -> [String] {
        switch place {
        case .path: call.parameters[name].map { [$0] } ?? []
        case .query: call.query.fields.filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.value)
        case .header: call.headers.values(name)
        }
    }

    /// What a text can stand for: itself, and the number or truth value that it looks like.
    private static func values(_ text: String, _ types: Set<String>) -> [JSONValue] {
        // Most are texts and nothing else, which need not be parsed.
        if types.count == 1, types.contains("string") { return [.string(text)] }
        var values: [JSONValue] = types.isEmpty || types.contains("string") ? [.string(text)] : []
        if let value = try? JSONValue(parsing: text), value.number != nil || value.boolean != nil {
            values.append(value)
        }
        return values.isEmpty ? [.string(text)] : values
    }
}
