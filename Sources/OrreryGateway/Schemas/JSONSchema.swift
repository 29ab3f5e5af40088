import OrreryDocuments

/// What a value must be like, in the part of JSON Schema (draft 2020-12) that `SchemaNode` lists. What would be checked
/// elsewhere and is not here is refused when the schema is read.
struct JSONSchema: Sendable {
    /// As it was given, for those who read it.
    let json: JSONValue
    private let node: SchemaNode
    private let named: NamedSchemas
    /// The types that a value may have, as far as they are said of it and not of its parts.
    let types: Set<String>

    init(_ json: JSONValue, at place: String, _ named: NamedSchemas = .none) throws(ConfigurationError) {
        self.json = json
        self.named = named
        node = try SchemaNode(json, at: place)
        try named.check(node, at: place)
        var seen: Set<String> = []
        types = named.types(of: node, &seen)
    }

    /// What is wrong with a value, with the place in it; nil where nothing is.
    /// - Parameter subject: what messages call the value.
    func fault(in value: JSONValue, called subject: String = "the body") -> String? {
        var check = SchemaCheck(named, subject: subject)
        let fault = check.fault(value, node, "")
        return check.isExhausted ? check.exhausted() : fault
    }
}

/// The schemas of an API that others refer to: `{"$ref":"#/components/schemas/NAME"}`.
final class NamedSchemas: Sendable {
    /// As they were given.
    let json: [JSONMember]
    private let nodes: [String: SchemaNode]

    static let none = NamedSchemas()

    private static let schemasMax = 1000
    /// Schemas that stand for one value at once, through references and combinations.
    private static let chainMax = 16

    private init() { (json, nodes) = ([], [:]) }

    init(_ json: JSONValue?, at place: String) throws(ConfigurationError) {
        guard let json else {
            (self.json, nodes) = ([], [:])
            return
        }
        guard let members = json.members, members.count <= Self.schemasMax else {
            throw ConfigurationError("\(place) must be an object of up to \(Self.schemasMax) schemas")
        }
        var nodes: [String: SchemaNode] = [:]
        for member in members {
            guard SchemaNode.isName(member.name) else {
                throw ConfigurationError("\(place): '\(member.name)' is no name of a schema")
            }
            nodes[member.name] = try SchemaNode(member.value, at: "\(place)/\(member.name)")
        }
        (self.json, self.nodes) = (members, nodes)
        for member in members {
            if let node = nodes[member.name] { try check(node, at: "\(place)/\(member.name)") }
        }
    }

    func node(_ name: String) -> SchemaNode? { nodes[name] }

    /// Checks that all references lead somewhere, and that none leads back without going into the value.
    func check(_ node: SchemaNode, at place: String) throws(ConfigurationError) {
        try checkChain(node, at: place, [])
        for part in node.parts { try check(part, at: place) }
    }

    private func checkChain(_ node: SchemaNode, at place: String, _ chain: [String]) throws(ConfigurationError) {
        guard chain.count < Self.chainMax else {
            throw ConfigurationError("\(place): more than \(Self.chainMax) schemas stand for one value")
        }
        var chain = chain
        if let name = node.reference {
            guard let next = nodes[name] else { throw ConfigurationError("\(place): there is no schema '\(name)'") }
            guard !chain.contains(name) else {
                throw ConfigurationError("\(place): the schema '\(name)' refers to itself without end")
            }
            chain.append(name)
            try checkChain(next, at: place, chain)
        }
        for same in node.combined {
            guard chain.count < Self.chainMax else {
                throw ConfigurationError("\(place): more than \(Self.chainMax) schemas stand for one value")
            }
            try checkChain(same, at: place, chain + [""])
        }
    }

    /// The types that a schema allows, through its references and what it is combined of.
    func types(of node: SchemaNode, _ seen: inout Set<String>) -> Set<String> {
        var types = Set(node.types)
        if let name = node.reference, let next = nodes[name], seen.insert(name).inserted {
            types.formUnion(self.types(of: next, &seen))
        }
        for same in node.combined { types.formUnion(self.types(of: same, &seen)) }
        return types
    }
}
