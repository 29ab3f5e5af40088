public import OrreryDocuments

/// Which paths of a container's items are indexed, and how, in the normal form that the service answers with.
///
/// A policy may be given in part or not at all; the rest is filled in (wire specification, section 7; features and
/// limits, "Indexing policy"). Index kinds and precisions of old clients are accepted and dropped.
public struct IndexingPolicy: Sendable, Equatable {
    /// Whether items are indexed as they are written.
    public enum Mode: String, Sendable {
        case consistent
        /// Nothing is indexed but what the service always indexes; such a container has no time to live either.
        case none
    }

    public let mode: Mode
    /// The policy as a JSON object, complete and in the service's order.
    public let json: JSONValue

    /// The most included paths, and the most excluded ones.
    public static let pathsMax = 1500
    /// The most composite indexes in a policy.
    public static let compositeIndexesMax = 100
    /// The most paths in one composite index.
    public static let compositePathsMax = 8

    /// The path that stands for everything, and must be either included or excluded.
    private static let everything = "/*"
    /// The service never indexes etags and says so in every policy.
    private static let etag = "/\"_etag\"/?"

    /// Normalises a policy.
    /// - Parameter value: the `indexingPolicy` of a container's definition; nil where it has none.
    /// - Throws: `DatabaseError.invalid` with the service's message for a policy that breaks a rule.
    public init(_ value: JSONValue?) throws(DatabaseError) {
        let given = value ?? .object([])
        guard case .object = given else { throw .invalidInput }
        mode = try Self.mode(given["indexingMode"])
        if let automatic = given["automatic"] {
            guard case .boolean = automatic else { throw .invalidInput }
        }
        guard mode == .consistent else {
            json = ["indexingMode": "none", "automatic": false, "includedPaths": [], "excludedPaths": []]
            return
        }
        let paths = try Self.paths(of: given)
        var json: JSONValue = [
            "indexingMode": "consistent",
            "automatic": given["automatic"] ?? true,
            "includedPaths": .array(paths.included),
            "excludedPaths": .array(paths.excluded),
        ]
        if let composites = given["compositeIndexes"] { json["compositeIndexes"] = try Self.composites(composites) }
        for name in ["spatialIndexes", "vectorIndexes", "fullTextIndexes"] {
            if let indexes = given[name] { json[name] = try Self.indexes(indexes) }
        }
        self.json = json
    }

    private static func mode(_ value: JSONValue?) throws(DatabaseError) -> Mode {
        guard let value else { return .consistent }
        guard case .string(let text) = value else { throw .invalidInput }
        switch text.lowercased() {
        // Lazy indexing is gone from the service, which indexes such containers consistently.
        case "consistent", "lazy": return .consistent
        case "none": return .none
        default: throw .invalid("The indexing mode '\(text)' is invalid.")
        }
    }

    private static func paths(
        of policy: JSONValue
    ) throws(DatabaseError) -> (included: [JSONValue], excluded: [JSONValue]) {
        var included = try pathList(policy["includedPaths"])
        var excluded = try pathList(policy["excludedPaths"])
        let namesEverything = (included + excluded).contains { path($0) == everything }
        if !namesEverything {
            guard policy["includedPaths"] == nil || included.isEmpty && policy["excludedPaths"] == nil else {
                throw .invalid("The special mandatory indexing path \"\\/*\" is not provided in any of the path type "
                    + "sets. Please provide this path in one of the sets.")
            }
            included.append(["path": .string(everything)])
        }
        if !(included + excluded).contains(where: { path($0) == etag }) {
            excluded.append(["path": .string(etag)])
        }
        return (included, excluded)
    }

    private static func path(_ entry: JSONValue) -> String {
        entry["path"]?.string ?? ""
    }

    private static func pathList(_ value: JSONValue?) throws(DatabaseError) -> [JSONValue] {
        guard let value else { return [] }
        guard case .array(let entries) = value else { throw .invalidInput }
        guard entries.count <= pathsMax else {
            throw .invalid("The indexing policy has more than \(pathsMax) paths.")
        }
        var normal: [JSONValue] = []
        for entry in entries {
            guard case .string(var path)? = entry["path"] else { throw .invalidInput }
            // Old clients write "/" for the root.
            if path == "/" { path = everything }
            guard path.utf8.first == UInt8(ascii: "/"), path.hasSuffix("/?") || path.hasSuffix("/*") else {
                throw .invalid("The indexing path '\(path)' could not be accepted. Please ensure that the path is a "
                    + "valid path. It should start with '/' and end with '/?' or '/*'.")
            }
            normal.append(["path": .string(path)])
        }
        return normal
    }

    private static func composites(_ value: JSONValue) throws(DatabaseError) -> JSONValue {
        guard case .array(let composites) = value else { throw .invalidInput }
        guard composites.count <= compositeIndexesMax else {
            throw .invalid("The indexing policy has more than \(compositeIndexesMax) composite indexes.")
        }
        var normal: [JSONValue] = []
        for composite in composites {
            guard case .array(let entries) = composite, (2...compositePathsMax).contains(entries.count) else {
                throw .invalid("A composite index must have between 2 and \(compositePathsMax) paths.")
            }
            var paths: [JSONValue] = []
            for entry in entries { try paths.append(compositePath(entry)) }
            normal.append(.array(paths))
        }
        return .array(normal)
    }

    private static func compositePath(_ entry: JSONValue) throws(DatabaseError) -> JSONValue {
        guard case .string(let path)? = entry["path"], path.utf8.first == UInt8(ascii: "/"), !path.hasSuffix("/*")
        else {
            throw .invalid("A composite index path must start with '/' and hold no wildcard.")
        }
        var order = "ascending"
        if let given = entry["order"] {
            guard case .string(let text) = given, ["ascending", "descending"].contains(text.lowercased()) else {
                throw .invalid("The order of a composite index path must be 'ascending' or 'descending'.")
            }
            order = text.lowercased()
        }
        return ["path": .string(path), "order": .string(order)]
    }

    /// Spatial, vector and full-text indexes are kept as they were given, once each names a path.
    private static func indexes(_ value: JSONValue) throws(DatabaseError) -> JSONValue {
        guard case .array(let entries) = value else { throw .invalidInput }
        for entry in entries {
            guard case .string(let path)? = entry["path"], path.utf8.first == UInt8(ascii: "/") else {
                throw .invalidInput
            }
        }
        return value
    }
}
