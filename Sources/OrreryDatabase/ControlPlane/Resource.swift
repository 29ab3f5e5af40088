public import OrreryDocuments
public import OrreryEngine
public import OrreryKeys

/// A resource of the control plane as users see it: their definition with the system properties added.
public struct Resource: Sendable {
    public let kind: ResourceKind
    public let resourceID: ResourceID
    public let id: String
    /// The entity tag, without quotes.
    public let etag: String
    /// The complete body as JSON text.
    public let body: [UInt8]

    /// The definition that a record keeps, with `_rid`, `_self`, `_etag`, `_ts` and the links to what stands under it
    /// (wire specification, section 5).
    init(_ record: CatalogRecord) {
        kind = record.kind
        resourceID = record.resourceID
        id = record.id
        etag = record.etag
        var body = record.body
        // Every kept definition is an object with at least its id, so that a comma fits behind it.
        if body.last == UInt8(ascii: "}") { body.removeLast() }
        body.append(contentsOf: ",\"_rid\":\"".utf8)
        body.append(contentsOf: record.resourceID.text.utf8)
        body.append(contentsOf: "\",\"_self\":\"".utf8)
        body.append(contentsOf: record.selfLink.utf8)
        body.append(contentsOf: "\",\"_etag\":\"\\\"".utf8)
        body.append(contentsOf: record.etag.utf8)
        body.append(contentsOf: "\\\"\",".utf8)
        for name in record.kind.childLinks {
            body.append(contentsOf: "\"_\(name)\":\"\(name)/\",".utf8)
        }
        body.append(contentsOf: "\"_ts\":\(record.timestampSeconds)}".utf8)
        self.body = body
    }

    private init(_ resource: Resource, body: [UInt8]) {
        kind = resource.kind
        resourceID = resource.resourceID
        id = resource.id
        etag = resource.etag
        self.body = body
    }

    /// The same resource with another body.
    func changing(_ change: (inout JSONValue) -> Void) -> Resource {
        guard var json = try? JSONValue(parsing: body) else { return self }
        change(&json)
        return Resource(self, body: json.text)
    }

    /// The same resource with one more member in its body.
    public func adding(_ name: String, _ value: JSONValue) -> Resource {
        let addition: JSONValue = .object([JSONMember(name, value)])
        // The body ends with the brace that the addition begins with a comma for.
        return Resource(self, body: body.dropLast() + [UInt8(ascii: ",")] + addition.text.dropFirst())
    }
}

extension CatalogRecord {
    /// The link made of resource ids, with a slash at the end: `dbs/{rid}/colls/{rid}/`.
    public var selfLink: String {
        let own = "\(kind.linkKeyword)/\(resourceID.text)/"
        let database = resourceID.database?.text ?? ""
        switch kind {
        case .database, .offer: return own
        case .container, .user: return "dbs/\(database)/\(own)"
        case .permission: return "dbs/\(database)/users/\(parent?.text ?? "")/\(own)"
        case .partition, .storedProcedure, .trigger, .userDefinedFunction:
            return "dbs/\(database)/colls/\(parent?.text ?? "")/\(own)"
        }
    }
}

extension ResourceKind {
    /// The keyword before a resource id in a link.
    var linkKeyword: String {
        switch self {
        case .database: "dbs"
        case .container: "colls"
        case .partition: "pkranges"
        case .offer: "offers"
        case .user: "users"
        case .permission: "permissions"
        case .storedProcedure: "sprocs"
        case .trigger: "triggers"
        case .userDefinedFunction: "udfs"
        }
    }

    /// The feeds under a resource of this kind, which its body names.
    var childLinks: [String] {
        switch self {
        case .database: ["colls", "users"]
        case .container: ["docs", "sprocs", "triggers", "udfs", "conflicts"]
        case .user: ["permissions"]
        default: []
        }
    }
}
