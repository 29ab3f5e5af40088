import OrreryDocuments
import OrreryHTTP

/// One thing that can be asked of an API: a method, a path, and what answers it.
struct Operation: Sendable {
    /// Unique within the API.
    let id: String
    let summary: String
    let description: String
    let method: HTTPMethod
    let path: PathTemplate
    let policies: [Policy.Ranked]
    let backend: Backend
    /// What stands in the path, the query and the headers, as far as it is checked.
    let parameters: [OperationParameter]
    /// What a body must be like; nil where anything goes.
    let schema: JSONSchema?
    let needsBody: Bool
    /// What is said of the answers, in OpenAPI's words; they are not checked.
    let responses: [JSONMember]
    /// What is made of the answer; nil where it is passed on as it is.
    let answer: AnswerTemplate?

    init(
        _ json: JSONValue, of api: String, _ named: NamedSchemas, _ context: PolicyContext
    ) throws(ConfigurationError) {
        var reader = try ConfigurationReader(json, at: "api '\(api)', operation")
        id = try reader.requiredName("id")
        summary = try reader.text("summary") ?? ""
        description = try reader.text("description") ?? ""
        method = HTTPMethod(try reader.requiredText("method"))
        if case .other(let name) = method { throw reader.wrong("method", "a method of HTTP, not '\(name)'") }
        path = try PathTemplate(try reader.text("path") ?? "/", at: reader.place)
        policies = try Policy.list(reader.array("policies"), of: "api/\(api)/\(id)", context)
        let place = "api '\(api)', operation '\(id)'"
        backend = try Backend(reader.value("backend"), at: "\(place), backend")
        let schema = try reader.value("schema").map { json throws(ConfigurationError) in
            try JSONSchema(json, at: "\(place), schema", named)
        }
        self.schema = schema
        needsBody = try reader.flag("bodyRequired") ?? (schema != nil)
        var parameters: [OperationParameter] = []
        for json in try reader.array("parameters") {
            parameters.append(try OperationParameter(json, at: place, named))
        }
        for parameter in parameters where parameter.place == .path {
            guard path.parameterNames.contains(parameter.name) else {
                throw ConfigurationError("\(place): the path has no '{\(parameter.name)}'")
            }
        }
        self.parameters = try Self.completed(parameters, path, backend, at: place)
        responses = reader.value("responses")?.members ?? []
        for response in responses {
            guard let schema = response.value["schema"] else { continue }
            _ = try JSONSchema(schema, at: "\(place), response \(response.name)", named)
        }
        answer = try reader.value("response").map { json throws(ConfigurationError) in
            try AnswerTemplate(json, at: "\(place), response")
        }
        try reader.finish()
    }

    init(
        id: String, summary: String, method: HTTPMethod, path: PathTemplate, backend: Backend,
        schema: JSONSchema? = nil, at place: String
    ) throws(ConfigurationError) {
        (self.id, self.summary, self.method, self.path) = (id, summary, method, path)
        (self.backend, self.schema, policies, description) = (backend, schema, [], "")
        (needsBody, responses, answer) = (schema != nil, [], nil)
        parameters = try Self.completed([], path, backend, at: place)
    }

    /// What is said of parameters, and what follows from the path and from the container behind the operation.
    private static func completed(
        _ said: [OperationParameter], _ path: PathTemplate, _ backend: Backend, at place: String
    ) throws(ConfigurationError) -> [OperationParameter] {
        var parameters = said
        func add(
            _ name: String, _ kind: OperationParameter.Place, isRequired: Bool, _ schema: JSONValue
        ) throws(ConfigurationError) {
            if parameters.contains(where: { $0.place == kind && $0.name == name }) { return }
            let schema = try JSONSchema(schema, at: place)
            parameters.append(OperationParameter(name: name, place: kind, isRequired: isRequired, schema: schema))
        }
        let text: JSONValue = ["type": "string", "minLength": 1]
        for name in path.parameterNames {
            let isRest = path.restName == name
            try add(name, .path, isRequired: true, isRest ? ["type": "string"] : text)
        }
        guard case .container(let container) = backend else { return parameters }
        for (kind, name) in container.partitionKey.flatMap(\.requestPlaces) {
            guard let kind = OperationParameter.Place(rawValue: kind), kind != .path else { continue }
            try add(name, kind, isRequired: !container.isAcrossPartitions, text)
        }
        if container.action == .list {
            try add("limit", .query, isRequired: false, ["type": "integer", "minimum": 1, "maximum": 1000])
            try add("continuation", .query, isRequired: false, ["type": "string"])
            for filter in container.filters { try add(filter, .query, isRequired: false, ["type": "string"]) }
        }
        return parameters
    }

    /// Whether whoever answers can take a body while it comes, and nobody has to see all of it before.
    var takesUploads: Bool {
        if case .proxy = backend { return schema == nil }
        return false
    }

    /// What is wrong with a call, for its sender; nil where nothing is.
    func fault(in call: GatewayCall) -> String? {
        for parameter in parameters {
            if let fault = parameter.fault(in: call) { return "The request does not fit: \(fault)." }
        }
        guard let schema else {
            return needsBody && !call.hasBody ? "The request must have a body." : nil
        }
        if !needsBody, call.request.body.isEmpty { return nil }
        guard let body = try? JSONValue(parsing: call.request.body) else { return "The body is not JSON." }
        return schema.fault(in: body).map { "The body does not fit the schema: \($0)." }
    }
}
