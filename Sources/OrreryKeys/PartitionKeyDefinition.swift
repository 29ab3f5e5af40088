public import OrreryDocuments

/// How a container's items are partitioned: the container definition's `partitionKey`.
public struct PartitionKeyDefinition: Sendable, Equatable {
    /// How many paths there are and how they are hashed.
    public enum Kind: Sendable, Equatable {
        case hash
        /// Hierarchical: each level hashed by itself.
        case multiHash
    }

    /// The paths as given, such as `/address/city` or `/"a b"/c`.
    public let paths: [String]
    /// Each path's names in UTF-8, from the root down.
    public let segments: [[[UInt8]]]
    /// How the key is hashed.
    public let kind: Kind
    /// The hash function: 1, where strings count by their first 100 characters, or 2.
    public let version: Int
    /// Whether the key was added by the service to a container made without one: items may then lack it.
    public let isSystemKey: Bool

    /// The most paths that a hierarchical key may have (the service's limit).
    public static let pathsMax = 3

    /// Reads the definition of a container. A missing version means 1, a missing kind Hash (cosmos-wire.md, section 7).
    public init(_ value: JSONValue) throws(PartitionKeyError) {
        guard let given = value["paths"]?.array, !given.isEmpty else { throw .malformedDefinition }
        let paths = given.compactMap(\.string)
        guard paths.count == given.count else { throw .malformedDefinition }
        try self.init(
            paths: paths, kind: Self.kind(value["kind"]), version: Self.version(value["version"]),
            isSystemKey: value["systemKey"]?.boolean ?? false)
    }

    /// A definition from its parts, checked as one that is read is.
    /// - Throws: `tooManyPaths`, `invalidPath`, or `malformedDefinition` for no path or a hierarchical key of
    ///   version 1.
    public init(
        paths: [String], kind: Kind = .hash, version: Int = 2, isSystemKey: Bool = false
    ) throws(PartitionKeyError) {
        guard paths.count <= (kind == .hash ? 1 : Self.pathsMax) else { throw .tooManyPaths }
        guard !paths.isEmpty, kind == .hash || version == 2 else { throw .malformedDefinition }
        var segments: [[[UInt8]]] = []
        for path in paths { segments.append(try Self.parse(path)) }
        self.paths = paths
        self.segments = segments
        self.kind = kind
        self.version = version
        self.isSystemKey = isSystemKey
    }

    /// The key of an item. A path that leads nowhere, or to an array or object, gives undefined; with a system key it
    /// gives the empty key.
    public func partitionKey(of document: JSONNode) -> PartitionKey {
        let values = segments.map { names in
            var node: JSONNode? = document
            for name in names { node = node?[utf8: name] }
            return PartitionKeyValue(node)
        }
        return PartitionKey(isSystemKey && values == [.undefined] ? [] : values)
    }

    /// The key under which a document is kept that came with a key of its own in the request's header; nil where the
    /// two do not agree. In a hierarchical container SDKs send null for what the document lacks, and the service
    /// refuses that: null is a value, and what is missing is none (cosmos-wire.md, section 9).
    public func partitionKey(of document: JSONNode, header: PartitionKey) -> PartitionKey? {
        let own = partitionKey(of: document)
        return own == header ? own : nil
    }

    private static func kind(_ value: JSONValue?) throws(PartitionKeyError) -> Kind {
        guard let value else { return .hash }
        switch value.string?.lowercased() {
        case "hash": return .hash
        case "multihash": return .multiHash
        default: throw .malformedDefinition
        }
    }

    private static func version(_ value: JSONValue?) throws(PartitionKeyError) -> Int {
        guard let value else { return 1 }
        guard let version = value.int64, version == 1 || version == 2 else { throw .malformedDefinition }
        return Int(version)
    }
}

extension PartitionKeyDefinition {
    /// Splits a path into its names. A name in double or single quotes may hold slashes; inside, a backslash stands
    /// before a quote or another backslash.
    static func parse(_ path: String) throws(PartitionKeyError) -> [[UInt8]] {
        let text = Array(path.utf8)
        let slash = UInt8(ascii: "/")
        var names: [[UInt8]] = []
        var position = 0
        while position < text.count {
            guard text[position] == slash else { throw .invalidPath(path) }
            position += 1
            let name: [UInt8]?
            if position < text.count, text[position] == UInt8(ascii: "\"") || text[position] == UInt8(ascii: "'") {
                name = quotedName(in: text, at: &position)
            } else {
                name = Array(text[position...].prefix { $0 != slash })
                position += name?.count ?? 0
            }
            guard let name, !name.isEmpty, name != [UInt8(ascii: "*")], name != [UInt8(ascii: "?")] else {
                throw .invalidPath(path)
            }
            names.append(name)
        }
        if names.isEmpty { throw .invalidPath(path) }
        return names
    }

    private static func quotedName(in text: [UInt8], at position: inout Int) -> [UInt8]? {
        let quote = text[position]
        position += 1
        var name: [UInt8] = []
        while position < text.count {
            let byte = text[position]
            position += 1
            if byte == quote { return name }
            if byte == UInt8(ascii: "\\"), position < text.count {
                name.append(text[position])
                position += 1
            } else {
                name.append(byte)
            }
        }
        return nil
    }
}
