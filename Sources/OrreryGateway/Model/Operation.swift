import OrreryDocuments
import OrreryHTTP

/// One thing that can be asked of an API: a method, a path, and what answers it.
struct Operation: Sendable {
    /// Unique within the API.
    let id: String
    let summary: String
    let method: HTTPMethod
    let path: PathTemplate
    let policies: [Policy.Ranked]
    let backend: Backend
    /// What a body must be like; nil where anything goes.
    let schema: JSONSchema?

    init(_ json: JSONValue, of api: String, _ context: PolicyContext) throws(ConfigurationError) {
        var reader = try ConfigurationReader(json, at: "api '\(api)', operation")
        id = try reader.requiredName("id")
        summary = try reader.text("summary") ?? ""
        method = HTTPMethod(try reader.requiredText("method"))
        if case .other(let name) = method { throw reader.wrong("method", "a method of HTTP, not '\(name)'") }
        path = try PathTemplate(try reader.text("path") ?? "/", at: reader.place)
        policies = try Policy.list(reader.array("policies"), of: "api/\(api)/\(id)", context)
        backend = try Backend(reader.value("backend"), at: "api '\(api)', operation '\(id)', backend")
        let place = "api '\(api)', operation '\(id)', schema"
        schema = try reader.value("schema").map { json throws(ConfigurationError) in try JSONSchema(json, at: place) }
        try reader.finish()
    }

    init(
        id: String, summary: String, method: HTTPMethod, path: PathTemplate, backend: Backend, schema: JSONSchema? = nil
    ) {
        (self.id, self.summary, self.method, self.path) = (id, summary, method, path)
        (self.backend, self.schema, policies) = (backend, schema, [])
    }
}
