import OrreryDocuments

/// What a body must be like, in the part of JSON Schema (draft 2020-12) that describes shapes: `type`, `enum`,
/// `required`, `properties`, `additionalProperties`, `items`, `minItems`, `maxItems`, `minLength`, `maxLength`,
/// `minimum`, `maximum`. What only describes, such as `title`, is let be; what would be checked elsewhere and is not
/// here is refused when the schema is read.
struct JSONSchema: Sendable {
    /// As it was given, for those who read it.
    let json: JSONValue
    private let node: Node

    private indirect enum Additional: Sendable {
        case allowed, refused
        case schema(Node)
    }

    private final class Node: Sendable {
        let types: [String]
        let values: [JSONValue]?
        let required: [String]
        let properties: [(name: String, node: Node)]
        let additional: Additional
        let items: Node?
        let counts: (items: ClosedRange<Int>, length: ClosedRange<Int>)
        let range: ClosedRange<Double>

        private static let described = [
            "title", "description", "default", "examples", "format", "$schema", "$id", "$comment",
        ]
        private static let depthMax = 32

        init(_ json: JSONValue, at place: String, depth: Int = 0) throws(ConfigurationError) {
            guard depth < Self.depthMax else { throw ConfigurationError("\(place) is nested too deeply") }
            var reader = try ConfigurationReader(json, at: place)
            for name in Self.described { _ = reader.value(name) }
            types = switch reader.value("type") {
            case .string(let type)?: [type]
            case let list?: list.array?.compactMap(\.string) ?? []
            case nil: []
            }
            for type in types where !JSONSchema.types.contains(type) {
                throw reader.wrong("type", "one of " + JSONSchema.types.joined(separator: ", "))
            }
            values = reader.value("enum")?.array
            required = try reader.texts("required")
            var properties: [(name: String, node: Node)] = []
            for member in reader.value("properties")?.members ?? [] {
                let node = try Node(member.value, at: "\(place)/\(member.name)", depth: depth + 1)
                properties.append((member.name, node))
            }
            self.properties = properties
            switch reader.value("additionalProperties") {
            case nil, .boolean(true)?: additional = .allowed
            case .boolean(false)?: additional = .refused
            case let schema?: additional = .schema(try Node(schema, at: "\(place)/*", depth: depth + 1))
            }
            items = try reader.value("items").map { json throws(ConfigurationError) in
                try Node(json, at: "\(place)[]", depth: depth + 1)
            }
            counts = (
                try Self.range(&reader, "minItems", "maxItems"), try Self.range(&reader, "minLength", "maxLength")
            )
            let (minimum, maximum) = (reader.value("minimum")?.double, reader.value("maximum")?.double)
            let low = minimum ?? -.infinity
            range = low...max(low, maximum ?? .infinity)
            try reader.finish()
        }

        private static func range(
            _ reader: inout ConfigurationReader, _ low: String, _ high: String
        ) throws(ConfigurationError) -> ClosedRange<Int> {
            let least = try reader.integer(low, in: 0...(1 << 30)) ?? 0
            return least...max(least, try reader.integer(high, in: 0...(1 << 30)) ?? 1 << 30)
        }
    }

    private static let types = ["object", "array", "string", "number", "integer", "boolean", "null"]

    init(_ json: JSONValue, at place: String) throws(ConfigurationError) {
        self.json = json
        node = try Node(json, at: place)
    }

    /// What is wrong with a value, with the place in it; nil where nothing is.
    func fault(in value: JSONValue) -> String? { Self.fault(value, node, "") }

    private static func fault(_ value: JSONValue, _ node: Node, _ place: String) -> String? {
        let here = place.isEmpty ? "the body" : place
        if !node.types.isEmpty, !node.types.contains(where: { has(value, type: $0) }) {
            return "\(here) must be of type \(node.types.joined(separator: " or "))"
        }
        if let values = node.values, !values.contains(where: { $0 == value }) {
            return "\(here) must be one of \(values.map(\.description).joined(separator: ", "))"
        }
        if let text = value.string, !node.counts.length.contains(text.unicodeScalars.count) {
            let length = node.counts.length
            return "\(here) must have from \(length.lowerBound) to \(length.upperBound) characters"
        }
        if let number = value.double, !node.range.contains(number) {
            return "\(here) must be from \(node.range.lowerBound) to \(node.range.upperBound)"
        }
        if let elements = value.array { return fault(elements, node, place) }
        return value.members.flatMap { fault($0, value, node, place) }
    }

    private static func fault(_ elements: [JSONValue], _ node: Node, _ place: String) -> String? {
        guard node.counts.items.contains(elements.count) else {
            return "\(place.isEmpty ? "the body" : place) must have from \(node.counts.items.lowerBound) to "
                + "\(node.counts.items.upperBound) elements"
        }
        guard let items = node.items else { return nil }
        for (index, element) in elements.enumerated() {
            if let fault = fault(element, items, "\(place)/\(index)") { return fault }
        }
        return nil
    }

    private static func fault(
        _ members: [JSONMember], _ value: JSONValue, _ node: Node, _ place: String
    ) -> String? {
        for name in node.required where value[name] == nil { return "\(place)/\(name) is required" }
        for member in members {
            let path = "\(place)/\(member.name)"
            if let known = node.properties.first(where: { $0.name.utf8.elementsEqual(member.name.utf8) }) {
                if let fault = fault(member.value, known.node, path) { return fault }
                continue
            }
            switch node.additional {
            case .allowed: continue
            case .refused: return "\(path) is not known"
            case .schema(let other): if let fault = fault(member.value, other, path) { return fault }
            }
        }
        return nil
    }

    private static func has(_ value: JSONValue, type: String) -> Bool {
        switch type {
        case "object": value.members != nil
        case "array": value.array != nil
        case "string": value.string != nil
        case "number": value.number != nil
        case "integer": value.double.map { $0 == $0.rounded(.towardZero) } ?? false
        case "boolean": value.boolean != nil
        default: value.isNull
        }
    }
}
