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
    let revision: Int
    /// Whether callers who name no revision mean this one.
    let isCurrent: Bool
    let displayName: String
    let description: String
    /// The segments that all its paths begin with.
    private(set) var segments: [String]
    /// Nil for an API that callers name no version of.
    private(set) var version: Version?
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
        (id, revision, isCurrent) = try Self.identity(&reader)
        let id = id
        _ = reader.value("releases")
        displayName = try reader.text("displayName") ?? id
        description = try reader.text("description") ?? ""
        // Another revision has the path and the version of the current one.
        let path = isCurrent ? try reader.requiredText("path") : try reader.text("path") ?? "/"
        guard path.hasPrefix("/"), !path.contains("{") else {
            throw reader.wrong("path", "a path that begins with a slash and has no braces")
        }
        segments = path.split(separator: "/").map(String.init)
        if let first = segments.first, Gateway.reservedWords.contains(first) {
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

    /// The current revision is called by the API's name, others `NAME;rev=2`.
    private static func identity(
        _ reader: inout ConfigurationReader
    ) throws(ConfigurationError) -> (id: String, revision: Int, isCurrent: Bool) {
        let text = try reader.requiredText("id")
        let said = try reader.integer("revision", in: 1...revisionMax)
        guard let mark = text.firstRange(of: revisionMark) else {
            return (try reader.requiredName("id"), said ?? 1, true)
        }
        let name = String(text[..<mark.lowerBound])
        guard ConfigurationReader.isName(name), let number = Int(text[mark.upperBound...]), number > 0,
            number <= revisionMax, said ?? number == number
        else { throw reader.wrong("id", "a name, perhaps with \(revisionMark) and a number from 1 to \(revisionMax)") }
        return (name, number, false)
    }

    static let revisionMark = ";rev="
    private static let revisionMax = 100_000

    /// What the API's document is called.
    var documentID: String { isCurrent ? id : "\(id)\(Self.revisionMark)\(revision)" }

    /// Takes the place of the current revision.
    /// - Returns: whether there is one, and it has a path that a revision can be named in.
    mutating func takePlace(of current: API?) -> Bool {
        guard let current, !current.segments.isEmpty else { return false }
        (segments, version) = (current.segments, current.version)
        return true
    }

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

    /// The segments behind the API's own path, version and revision; nil for a request that is for another.
    func rest(of path: [String], _ request: HTTPRequest, _ query: CallQuery) -> ArraySlice<String>? {
        let own = versionedSegments
        guard path.count >= own.count else { return nil }
        if let last = own.last {
            guard Self.areEqual(path, own.dropLast()) else { return nil }
            let given = path[own.count - 1]
            let isPlain = isCurrent && given.utf8.elementsEqual(last.utf8)
            guard isPlain || given.utf8.elementsEqual("\(last)\(Self.revisionMark)\(revision)".utf8) else { return nil }
        }
        guard let version else { return path[own.count...] }
        let isMeant = switch version.scheme {
        case .path: true
        case .header: request.headers.first(named: version.name) == version.value
        case .query: query.fields.contains { $0.name == version.name && $0.value == version.value }
        }
        return isMeant ? path[own.count...] : nil
    }

    /// Whether a path is under the API's, whatever version it is for.
    func isAbove(_ path: [String]) -> Bool {
        !segments.isEmpty && path.count >= segments.count && Self.areEqual(path, segments[...])
    }

    private static func areEqual(_ path: [String], _ own: ArraySlice<String>) -> Bool {
        zip(path, own).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }

    /// Whether two APIs could not be told apart by what callers send.
    func isTakenFor(_ other: API) -> Bool {
        isCurrent && other.isCurrent && segments == other.segments && version?.scheme == other.version?.scheme
            && version?.name == other.version?.name && version?.value == other.version?.value
    }

    private var versionedSegments: [String] {
        guard let version, version.scheme == .path else { return segments }
        return segments + [version.value]
    }

    /// The path that callers see, with the version and the revision where they are a part of it.
    var publicPath: String {
        versionedSegments.map { "/" + $0 }.joined() + (isCurrent ? "" : "\(Self.revisionMark)\(revision)")
    }
}
