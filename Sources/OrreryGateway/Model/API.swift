import OrreryDocuments
import OrreryHTTP

/// Operations under one path: `{"id":"loads","path":"/loads","operations":[…]}`.
struct API: Sendable {
    /// How callers say which version of an API they mean.
    enum VersionScheme: String, Sendable, CaseIterable {
        case path, header, query
    }

    struct Version: Sendable {
        let scheme: VersionScheme
        /// The header's or the query field's name.
        let name: String
        let value: String
    }

    let id: String
    let displayName: String
    let description: String
    /// The segments that all its paths begin with.
    let segments: [String]
    /// Nil for an API that callers name no version of.
    let version: Version?
    /// Whether callers need a subscription's key.
    let requiresSubscription: Bool
    /// Where callers put their key.
    let keyHeader: String
    let keyQuery: String
    let policies: [Policy.Ranked]
    /// Schemas that operations refer to.
    let schemas: NamedSchemas
    /// The most specific first.
    let operations: [Operation]

    init(_ json: JSONValue, _ context: PolicyContext) throws(ConfigurationError) {
        var reader = try ConfigurationReader(json, at: "api")
        let id = try reader.requiredName("id")
        self.id = id
        displayName = try reader.text("displayName") ?? id
        description = try reader.text("description") ?? ""
        let path = try reader.requiredText("path")
        guard path.hasPrefix("/"), !path.contains("{") else {
            throw reader.wrong("path", "a path that begins with a slash and has no braces")
        }
        segments = path.split(separator: "/").map(String.init)
        if let first = segments.first, Self.taken.contains(first) {
            throw reader.wrong("path", "another: '\(path)' is the server's own")
        }
        version = try Self.version(&reader)
        requiresSubscription = try reader.flag("requiresSubscription") ?? true
        keyHeader = try reader.text("subscriptionKeyHeader") ?? "Ocp-Apim-Subscription-Key"
        keyQuery = try reader.text("subscriptionKeyQuery") ?? "subscription-key"
        policies = try Policy.list(reader.array("policies"), of: "api/\(id)", context)
        schemas = try NamedSchemas(reader.value("schemas"), at: "api '\(id)', schemas")
        var operations: [Operation] = []
        if let resource = reader.value("resource") {
            operations += try ContainerResource(resource, at: "api '\(id)', resource", schemas).operations(of: id)
        }
        for json in try reader.array("operations") {
            operations.append(try Operation(json, of: id, schemas, context))
        }
        var ids: Set<String> = []
        for operation in operations where !ids.insert(operation.id).inserted {
            throw ConfigurationError("api '\(id)': there are two operations '\(operation.id)'")
        }
        self.operations = operations.sorted {
            $1.path.specificity.lexicographicallyPrecedes($0.path.specificity)
        }
        _ = reader.value("kind")
        try reader.finish()
    }

    /// What a path cannot begin with: the database's own, and the server's.
    static let taken = ["dbs", "offers", "control", "_orrery", "metrics", "healthz", "readyz"]

    private static func version(_ reader: inout ConfigurationReader) throws(ConfigurationError) -> Version? {
        guard let json = reader.value("version") else { return nil }
        var version = try ConfigurationReader(json, at: "\(reader.place), version")
        guard let scheme = try version.word("scheme", VersionScheme.self) else {
            throw version.wrong("scheme", "path, header or query")
        }
        let name = try version.text("name") ?? "api-version"
        let value = try version.requiredName("value")
        try version.finish()
        return Version(scheme: scheme, name: name, value: value)
    }

    /// The segments behind the API's own path and version; nil for a request that is for another.
    func rest(of path: [String], _ request: HTTPRequest, _ query: CallQuery) -> ArraySlice<String>? {
        guard path.count >= segments.count, zip(path, segments).allSatisfy({ $0.utf8.elementsEqual($1.utf8) }) else {
            return nil
        }
        let rest = path[segments.count...]
        guard let version else { return rest }
        switch version.scheme {
        case .path:
            guard let given = rest.first, given.utf8.elementsEqual(version.value.utf8) else { return nil }
            return rest.dropFirst()
        case .header: return request.headers.first(named: version.name) == version.value ? rest : nil
        case .query: return query.first(version.name) == version.value ? rest : nil
        }
    }

    /// The path that callers see, with the version where it is a part of it.
    var publicPath: String {
        (segments + (version?.scheme == .path ? [version?.value ?? ""] : [])).map { "/" + $0 }.joined()
    }
}
