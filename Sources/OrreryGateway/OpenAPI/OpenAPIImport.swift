public import OrreryDocuments
import OrreryYAML

/// Makes an API of an OpenAPI document (3.0 and 3.1, in JSON or YAML): an ordinary document of the configuration, which
/// can be looked at and changed afterwards. What this gateway cannot check is left out of the schemas, and said.
///
/// The document may have 1 MiB and 500 operations; references may lead to parts of `components` only, and through 16
/// others at most. Schemas may refer to themselves where that leads into the value.
public struct OpenAPIImport {
    private let document: JSONValue
    /// Whether it is of the line 3.0, whose schemas have words of their own.
    let isOld: Bool
    /// What was left out, in one line each.
    public private(set) var warnings: [String] = []

    /// Bytes of a document.
    public static let documentBytesMax = 1 << 20
    private static let operationsMax = 500
    private static let referencesMax = 16
    private static let warningsMax = 100

    /// - Throws: what is wrong with the document.
    public init(_ text: [UInt8]) throws(ConfigurationError) {
        guard text.count <= Self.documentBytesMax else {
            throw ConfigurationError("the OpenAPI document is longer than \(Self.documentBytesMax) bytes")
        }
        let document = try Self.parsed(text)
        guard document.members != nil else { throw ConfigurationError("the OpenAPI document is not an object") }
        if document["swagger"] != nil { throw ConfigurationError("Swagger 2.0 is not read: only OpenAPI 3.0 and 3.1") }
        let version = document["openapi"]?.string ?? ""
        guard version.hasPrefix("3.0") || version.hasPrefix("3.1") else {
            throw ConfigurationError("openapi must be 3.0 or 3.1, not '\(version)'")
        }
        self.document = document
        isOld = version.hasPrefix("3.0")
    }

    /// What is no JSON is YAML.
    private static func parsed(_ text: [UInt8]) throws(ConfigurationError) -> JSONValue {
        if let document = try? JSONValue(parsing: text) { return document }
        do throws(YAMLError) {
            return try JSONValue(yaml: text)
        } catch {
            throw ConfigurationError("the OpenAPI document, \(error)")
        }
    }

    /// The API.
    /// - Parameters:
    ///   - id: what the gateway calls it.
    ///   - path: the path that callers reach it under.
    ///   - backend: the URL of the server that answers; nil for the document's first.
    /// - Throws: what is wrong with the document, and where.
    public mutating func api(id: String, path: String, backend: String?) throws(ConfigurationError) -> JSONValue {
        var api: JSONValue = ["id": .string(id), "kind": "api", "path": .string(path)]
        if let title = document["info"]?["title"]?.string { api["displayName"] = .string(title) }
        if let text = document["info"]?["description"]?.string { api["description"] = .string(text) }
        let schemas = try namedSchemas()
        if !schemas.isEmpty { api["schemas"] = .object(schemas) }
        api["operations"] = .array(try operations(backend))
        if document["security"] != nil || document["components"]?["securitySchemes"] != nil {
            warn("security: callers show this gateway's keys; what the document asks for is passed on unchecked")
        }
        return api
    }

    mutating func warn(_ text: String) {
        if warnings.count < Self.warningsMax, !warnings.contains(text) { warnings.append(text) }
    }

    // MARK: Operations

    private mutating func operations(_ backend: String?) throws(ConfigurationError) -> [JSONValue] {
        guard let paths = document["paths"]?.members else { throw ConfigurationError("paths must be an object") }
        var operations: [JSONValue] = []
        var ids: Set<String> = []
        for path in paths where !path.name.hasPrefix("x-") {
            let item = try resolved(path.value, at: path.name)
            for method in ["get", "put", "post", "delete", "options", "head", "patch", "trace"] {
                guard let json = item[method] else { continue }
                if method == "trace" {
                    warn("\(path.name): TRACE is left out")
                    continue
                }
                var operation = try operation(json, method, path.name, in: item)
                let wanted = operation["id"]?.string ?? method
                var id = wanted
                var number = 2
                while !ids.insert(id).inserted {
                    id = "\(wanted.prefix(70))-\(number)"
                    number += 1
                }
                operation["id"] = .string(id)
                let url = if let backend { backend } else { try server(of: json, item, at: path.name) }
                operation["backend"] = ["url": .string(url)]
                operations.append(operation)
                guard operations.count <= Self.operationsMax else {
                    throw ConfigurationError("the document has more than \(Self.operationsMax) operations")
                }
            }
        }
        if operations.isEmpty { throw ConfigurationError("paths has no operation") }
        return operations
    }

    /// The address of the server that answers an operation: its own, its path's, or the document's.
    private func server(
        of operation: JSONValue, _ item: JSONValue, at place: String
    ) throws(ConfigurationError) -> String {
        let servers = operation["servers"] ?? item["servers"] ?? document["servers"]
        guard let server = servers?[0], var url = server["url"]?.string else {
            throw ConfigurationError("the document names no server: one has to be given")
        }
        for variable in server["variables"]?.members ?? [] {
            guard let value = variable.value["default"]?.string else {
                throw ConfigurationError("servers: the variable '\(variable.name)' has no default")
            }
            url = url.replacing("{\(variable.name)}", with: value)
        }
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw ConfigurationError("\(place): the server '\(url)' is no whole URL: one has to be given")
        }
        return url
    }

    // MARK: References

    /// What stands in the document, or where its reference leads to.
    func resolved(_ json: JSONValue, at place: String) throws(ConfigurationError) -> JSONValue {
        var json = json
        for _ in 0..<Self.referencesMax {
            guard let reference = json["$ref"]?.string else { return json }
            let steps = reference.split(separator: "/", omittingEmptySubsequences: false)
            guard steps.first == "#", steps.count > 1 else {
                throw ConfigurationError("\(place): the reference '\(reference)' leads out of the document")
            }
            var target: JSONValue? = document
            for step in steps.dropFirst() { target = target?[Self.unescaped(step)] }
            guard let target else {
                throw ConfigurationError("\(place): the reference '\(reference)' leads nowhere")
            }
            json = target
        }
        throw ConfigurationError("\(place): more than \(Self.referencesMax) references lead on to others")
    }

    /// A step of a JSON Pointer (RFC 6901, section 3).
    private static func unescaped(_ step: Substring) -> String {
        String(step.replacing("~1", with: "/").replacing("~0", with: "~"))
    }

    private mutating func namedSchemas() throws(ConfigurationError) -> [JSONMember] {
        var schemas: [JSONMember] = []
        for member in document["components"]?["schemas"]?.members ?? [] {
            schemas.append(JSONMember(member.name, try schema(member.value, at: "schema '\(member.name)'")))
        }
        return schemas
    }
}
