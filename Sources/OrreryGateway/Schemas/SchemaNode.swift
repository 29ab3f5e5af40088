import OrreryDocuments
import OrreryPatterns

/// One schema, read: `type`, `enum`, `const`, `$ref`, `allOf`, `anyOf`, `oneOf`, `not`, `required`, `properties`,
/// `additionalProperties`, `minProperties`, `maxProperties`, `items`, `minItems`, `maxItems`, `uniqueItems`,
/// `minLength`, `maxLength`, `pattern`, `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum` and `multipleOf`.
/// What only describes, such as `title`, is let be.
final class SchemaNode: Sendable {
    indirect enum Additional: Sendable {
        case allowed, refused
        case schema(SchemaNode)
    }

    struct Bounds: Sendable {
        var minimum: Double?
        var maximum: Double?
        var exclusiveMinimum: Double?
        var exclusiveMaximum: Double?
        var multipleOf: Double?
    }

    let types: [String]
    let values: [JSONValue]?
    /// The name of the schema that is meant as well.
    let reference: String?
    let allOf: [SchemaNode]
    let anyOf: [SchemaNode]
    let oneOf: [SchemaNode]
    let not: SchemaNode?
    let required: [String]
    let properties: [(name: String, node: SchemaNode)]
    let additional: Additional
    let items: SchemaNode?
    let isUnique: Bool
    let counts: (items: ClosedRange<Int>, length: ClosedRange<Int>, properties: ClosedRange<Int>)
    let bounds: Bounds
    /// What a text must have a match of; nil where there is none.
    let pattern: RegularExpression?

    /// Keywords that only describe. `format` is among them, as the standard has it.
    static let describing = [
        "title", "description", "default", "example", "examples", "format", "deprecated", "readOnly", "writeOnly",
        "$schema", "$id", "$comment", "discriminator", "xml", "externalDocs", "contentMediaType", "contentEncoding",
    ]
    static let checking = [
        "type", "enum", "const", "$ref", "allOf", "anyOf", "oneOf", "not", "required", "properties",
        "additionalProperties", "minProperties", "maxProperties", "items", "minItems", "maxItems", "uniqueItems",
        "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    ]
    static let types = ["object", "array", "string", "number", "integer", "boolean", "null"]
    static let depthMax = 32
    static let referencePrefix = "#/components/schemas/"

    init(_ json: JSONValue, at place: String, depth: Int = 0) throws(ConfigurationError) {
        guard depth < Self.depthMax else { throw ConfigurationError("\(place) is nested too deeply") }
        var reader = try ConfigurationReader(json, at: place)
        for name in Self.describing { _ = reader.value(name) }
        func inner(_ json: JSONValue, _ name: String) throws(ConfigurationError) -> SchemaNode {
            try SchemaNode(json, at: place + name, depth: depth + 1)
        }
        func list(_ name: String) throws(ConfigurationError) -> [SchemaNode] {
            var nodes: [SchemaNode] = []
            for json in try reader.array(name) { nodes.append(try inner(json, "")) }
            return nodes
        }
        types = try Self.types(&reader)
        values = reader.value("const").map { [$0] } ?? reader.value("enum")?.array
        reference = try Self.reference(&reader)
        (allOf, anyOf, oneOf) = (try list("allOf"), try list("anyOf"), try list("oneOf"))
        not = try reader.value("not").map { json throws(ConfigurationError) in try inner(json, "") }
        required = try reader.texts("required")
        var properties: [(name: String, node: SchemaNode)] = []
        for member in reader.value("properties")?.members ?? [] {
            properties.append((member.name, try inner(member.value, "/\(member.name)")))
        }
        self.properties = properties
        switch reader.value("additionalProperties") {
        case nil, .boolean(true)?: additional = .allowed
        case .boolean(false)?: additional = .refused
        case let schema?: additional = .schema(try inner(schema, "/*"))
        }
        items = try reader.value("items").map { json throws(ConfigurationError) in try inner(json, "[]") }
        isUnique = try reader.flag("uniqueItems") ?? false
        counts = (
            try Self.range(&reader, "minItems", "maxItems"), try Self.range(&reader, "minLength", "maxLength"),
            try Self.range(&reader, "minProperties", "maxProperties")
        )
        bounds = try Self.bounds(&reader)
        pattern = try Self.pattern(&reader)
        try reader.finish()
    }

    /// The schemas that hold for the same value.
    var combined: [SchemaNode] { allOf + anyOf + oneOf + (not.map { [$0] } ?? []) }

    /// All schemas that stand in this one.
    var parts: [SchemaNode] {
        var parts = combined + properties.map(\.node)
        if let items { parts.append(items) }
        if case .schema(let node) = additional { parts.append(node) }
        return parts
    }

    /// Letters, digits, dots, hyphens and underscores, as OpenAPI has the names of components.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 200 && text.utf8.allSatisfy { byte in
            (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2D || byte == 0x2E || byte == 0x5F
        }
    }

    private static func types(_ reader: inout ConfigurationReader) throws(ConfigurationError) -> [String] {
        let types: [String] = switch reader.value("type") {
        case .string(let type)?: [type]
        case let list?: list.array?.compactMap(\.string) ?? []
        case nil: []
        }
        for type in types where !Self.types.contains(type) {
            throw reader.wrong("type", "one of " + Self.types.joined(separator: ", "))
        }
        return types
    }

    private static func reference(_ reader: inout ConfigurationReader) throws(ConfigurationError) -> String? {
        guard let text = try reader.text("$ref") else { return nil }
        guard text.hasPrefix(referencePrefix), isName(String(text.dropFirst(referencePrefix.count))) else {
            throw reader.wrong("$ref", "\(referencePrefix)NAME, not '\(text)'")
        }
        return String(text.dropFirst(referencePrefix.count))
    }

    private static func range(
        _ reader: inout ConfigurationReader, _ low: String, _ high: String
    ) throws(ConfigurationError) -> ClosedRange<Int> {
        let least = try reader.integer(low, in: 0...(1 << 30)) ?? 0
        return least...max(least, try reader.integer(high, in: 0...(1 << 30)) ?? 1 << 30)
    }

    private static func pattern(_ reader: inout ConfigurationReader) throws(ConfigurationError) -> RegularExpression? {
        guard let text = try reader.text("pattern") else { return nil }
        do throws(RegularExpressionError) {
            return try RegularExpression(text, .ecmaScript)
        } catch {
            guard case .malformed(let offset, let reason) = error else {
                throw reader.wrong("pattern", "a regular expression")
            }
            let shown = text.utf8.count <= 100 ? text : text.prefix(100) + "…"
            throw ConfigurationError(
                "\(reader.place): pattern '\(shown)' is no regular expression, at byte \(offset): \(reason)")
        }
    }

    private static func bounds(_ reader: inout ConfigurationReader) throws(ConfigurationError) -> Bounds {
        func number(_ name: String) throws(ConfigurationError) -> Double? {
            guard let value = reader.value(name) else { return nil }
            guard let number = value.double, number.isFinite else { throw reader.wrong(name, "a number") }
            return number
        }
        let bounds = Bounds(
            minimum: try number("minimum"), maximum: try number("maximum"),
            exclusiveMinimum: try number("exclusiveMinimum"), exclusiveMaximum: try number("exclusiveMaximum"),
            multipleOf: try number("multipleOf"))
        if let step = bounds.multipleOf, step <= 0 { throw reader.wrong("multipleOf", "greater than 0") }
        return bounds
    }
}
