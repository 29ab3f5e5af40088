import OrreryDocuments

/// Schemas, in the words that this gateway checks.
extension OpenAPIImport {
    /// Keywords whose values are schemas, lists of them, or objects of them.
    static let single = ["items", "not", "additionalProperties"]
    static let lists = ["allOf", "anyOf", "oneOf"]

    mutating func schema(
        _ json: JSONValue, at place: String, depth: Int = 0
    ) throws(ConfigurationError) -> JSONValue {
        guard depth < SchemaNode.depthMax else { throw ConfigurationError("\(place) is nested too deeply") }
        if let isAllowed = json.boolean { return isAllowed ? [:] : ["not": [:]] }
        guard let members = json.members else { throw ConfigurationError("\(place) is no schema") }
        if let reference = json["$ref"]?.string {
            try check(reference, at: place)
            // What stands beside a reference means nothing before 3.1.
            if isOld { return ["$ref": .string(reference)] }
        }
        var schema: [JSONMember] = []
        for member in members where !member.name.hasPrefix("x-") {
            guard let name = name(for: member, of: json, at: place) else { continue }
            guard let value = try value(of: member, at: place, depth) else { continue }
            schema.append(JSONMember(name, value))
        }
        return isOld ? Self.modern(.object(schema), json) : .object(schema)
    }

    private func check(_ reference: String, at place: String) throws(ConfigurationError) {
        let name = reference.hasPrefix(SchemaNode.referencePrefix)
            ? String(reference.dropFirst(SchemaNode.referencePrefix.count)) : ""
        guard SchemaNode.isName(name) else {
            throw ConfigurationError("\(place): '\(reference)' refers to no schema of components")
        }
        _ = try resolved(["$ref": .string(reference)], at: place)
    }

    /// A keyword's value in this gateway's words; nil for one that is left out.
    private mutating func value(
        of member: JSONMember, at place: String, _ depth: Int
    ) throws(ConfigurationError) -> JSONValue? {
        if member.name == "additionalProperties", member.value.boolean != nil { return member.value }
        if Self.single.contains(member.name) { return try schema(member.value, at: place, depth: depth + 1) }
        if Self.lists.contains(member.name) {
            var parts: [JSONValue] = []
            for part in member.value.array ?? [] { parts.append(try schema(part, at: place, depth: depth + 1)) }
            return .array(parts)
        }
        if member.name == "properties" {
            var parts: [JSONMember] = []
            for part in member.value.members ?? [] {
                let inner = try schema(part.value, at: "\(place)/\(part.name)", depth: depth + 1)
                parts.append(JSONMember(part.name, inner))
            }
            return .object(parts)
        }
        if isOld, member.name == "nullable" { return nil }
        if isOld, ["exclusiveMinimum", "exclusiveMaximum"].contains(member.name), member.value.boolean != nil {
            return nil
        }
        if SchemaNode.checking.contains(member.name) { return member.value }
        if SchemaNode.describing.contains(member.name) {
            // No `? nil :`, for a nil beside a value is JSON's null.
            if member.name.hasPrefix("$") { return nil }
            return member.value
        }
        warn("\(place): '\(member.name)' is not checked")
        return nil
    }

    /// A schema of OpenAPI 3.0 in the words of 3.1: bounds that are excluded, and null as a type.
    private static func modern(_ schema: JSONValue, _ old: JSONValue) -> JSONValue {
        var schema = schema
        for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
            guard old[exclusive]?.boolean == true, let value = schema[bound] else { continue }
            schema[exclusive] = value
            schema[bound] = nil
        }
        guard old["nullable"]?.boolean == true else { return schema }
        if let type = schema["type"]?.string {
            schema["type"] = [.string(type), "null"]
            if let values = schema["enum"]?.array, !values.contains(where: \.isNull) {
                schema["enum"] = .array(values + [.null])
            }
            return schema
        }
        return schema["type"] == nil ? ["anyOf": [schema, ["type": "null"]]] : schema
    }
}
