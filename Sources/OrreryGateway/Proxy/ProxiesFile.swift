public import OrreryDocuments

/// Makes an API of a `proxies.json`, as Azure Functions Proxies had it: each proxy becomes operations with the policies
/// that do what its overrides say. `%NAME%` becomes `{env.NAME}`, and `{name}` of the route `{path.name}`.
public struct ProxiesFile {
    private let proxies: [JSONMember]
    /// What was left out, in one line each.
    public private(set) var warnings: [String] = []

    private static let proxiesMax = 500

    /// - Throws: what is wrong with the text.
    public init(_ text: [UInt8]) throws(ConfigurationError) {
        guard let document = try? JSONValue(parsing: text), let proxies = document["proxies"]?.members else {
            throw ConfigurationError("proxies.json must be a JSON object with 'proxies'")
        }
        guard proxies.count <= Self.proxiesMax else {
            throw ConfigurationError("proxies.json has more than \(Self.proxiesMax) proxies")
        }
        for member in document.members ?? [] where !["proxies", "$schema"].contains(member.name) {
            throw ConfigurationError("proxies.json: there is no '\(member.name)'")
        }
        self.proxies = proxies
    }

    /// The API.
    /// - Parameters:
    ///   - id: what the gateway calls it.
    ///   - path: the path that all routes are under; `/` for routes as they are.
    ///   - requiresSubscription: whether callers need a key. The format itself knows none.
    /// - Throws: what is wrong with a proxy, and where.
    public mutating func api(
        id: String, path: String, requiresSubscription: Bool
    ) throws(ConfigurationError) -> JSONValue {
        var operations: [JSONValue] = []
        for proxy in proxies {
            if proxy.value["disabled"]?.boolean == true {
                warnings.append("the proxy '\(proxy.name)' is disabled and was left out")
                continue
            }
            operations += try self.operations(of: proxy, under: path)
        }
        if operations.isEmpty { throw ConfigurationError("proxies.json has no proxy") }
        return [
            "id": .string(id), "kind": "api", "path": .string(path), "displayName": .string(id),
            "requiresSubscription": .boolean(requiresSubscription), "operations": .array(operations),
        ]
    }

    private mutating func operations(
        of proxy: JSONMember, under path: String
    ) throws(ConfigurationError) -> [JSONValue] {
        let place = "the proxy '\(proxy.name)'"
        var reader = try ConfigurationReader(proxy.value, at: place)
        _ = (reader.value("disabled"), reader.value("debug"), reader.value("desc"))
        guard let condition = reader.value("matchCondition") else {
            throw reader.wrong("matchCondition", "an object with a route")
        }
        var match = try ConfigurationReader(condition, at: "\(place), matchCondition")
        let route = try ProxyRoute(try match.requiredText("route"), at: place)
        let methods = try match.texts("methods").map { $0.uppercased() }
        try match.finish()
        if path == "/", let first = route.firstText, Gateway.reservedWords.contains(first) {
            throw ConfigurationError("\(place): '\(route.text)' is the server's own")
        }
        let overrides = ProxyOverrides(route: route, place: place)
        var operation: JSONValue = ["summary": .string(proxy.name)]
        var policies: [JSONValue] = []
        if let address = try reader.text("backendUri") {
            let (url, rewriting) = try overrides.backend(address)
            operation["backend"] = ["url": .string(url)]
            policies += rewriting
        }
        policies += try overrides.request(reader.value("requestOverrides"))
        if !policies.isEmpty { operation["policies"] = .array(policies) }
        let response = try overrides.response(reader.value("responseOverrides"), &warnings)
        // Where nothing answers, an empty 200 does.
        if response != nil || operation["backend"] == nil { operation["response"] = response ?? ["status": 200] }
        try reader.finish()
        return try made(operation, proxy.name, methods, route, at: place)
    }

    /// One operation for each method, and for a route that may end early.
    private func made(
        _ operation: JSONValue, _ name: String, _ methods: [String], _ route: ProxyRoute, at place: String
    ) throws(ConfigurationError) -> [JSONValue] {
        let all = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        if let other = methods.first(where: { !all.contains($0) }) {
            throw ConfigurationError("\(place): '\(other)' is no method that is served")
        }
        var operations: [JSONValue] = []
        for method in methods.isEmpty ? all : methods {
            for (index, path) in route.paths.enumerated() {
                var one = operation
                one["id"] = .string(OpenAPIImport.name("\(name)-\(method.lowercased())" + (index == 0 ? "" : "-short")))
                one["method"] = .string(method)
                one["path"] = .string(path)
                operations.append(one)
            }
        }
        return operations
    }
}
