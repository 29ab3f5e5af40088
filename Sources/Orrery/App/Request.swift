internal import OrreryDocuments
internal import OrreryHTTP

/// The methods of requests that are handled.
///
/// ```swift
/// let method = RequestMethod.post
/// ```
public enum RequestMethod: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
}

/// Who may call a request handler.
///
/// ```swift
/// app.onRequest(.get, "/public", access: .anonymous) { _, _ in Response(status: 204) }
/// ```
public enum RequestAccess: Sendable {
    /// Whoever sends the function key in `x-functions-key` or as `code` in the query; on loopback everybody, where no
    /// function key is set.
    case functionKey
    /// Everybody.
    case anonymous
}

/// A request, as a handler is given it.
///
/// ```swift
/// app.onRequest(.post, "/checkout") { request, context in
///     let order = try request.json(as: Order.self)
///     try await context.container("shop/orders").create(order)
///     return Response(status: 201)
/// }
/// ```
public struct Request: Sendable {
    /// What the parts in braces of the handler's path stand for, and the query's fields.
    ///
    /// ```swift
    /// print(request.parameters)
    /// ```
    public let parameters: [String: String]
    /// The body.
    ///
    /// ```swift
    /// print(request.body.count)
    /// ```
    public let body: [UInt8]
    /// On whose behalf a call of one of the gateway's APIs is; nil for other requests, and where nobody knows.
    ///
    /// ```swift
    /// print(request.tenant ?? "")
    /// ```
    public let tenant: String?
    private let headers: HTTPHeaders
    var inputs = InputContents.none

    init(_ request: HTTPRequest, parameters: [String: String], tenant: String = "") {
        self.parameters = parameters
        self.tenant = tenant.isEmpty ? nil : tenant
        body = request.body
        headers = request.headers
    }

    /// A parameter by its name; nil where there is none.
    ///
    /// ```swift
    /// print(request["id"] ?? "")
    /// ```
    public subscript(_ name: String) -> String? { parameters[name] }

    /// What was read for a binding that the handler was registered with; nil where there is no such item.
    ///
    /// ```swift
    /// let customer = request[customers]
    /// ```
    public subscript<Item: Decodable & Sendable>(_ input: ItemInput<Item>) -> Item? {
        inputs.content(of: input) ?? nil
    }

    /// The rows that were read for a binding that the handler was registered with.
    ///
    /// ```swift
    /// let rows = request[earlier]
    /// ```
    public subscript<Row: Decodable & Sendable>(_ input: QueryInput<Row>) -> [Row] {
        inputs.content(of: input) ?? []
    }

    /// What bindings find their values in: the members of the body, where it is an object, and the parameters over
    /// them.
    var bindingData: [UInt8] {
        var members = (try? JSONValue(parsing: body))?.members ?? []
        members.removeAll { parameters[$0.name] != nil }
        members += parameters.map { JSONMember($0.key, .string($0.value)) }
        return JSONValue.object(members).text
    }

    /// The first value of a header; nil where there is none.
    ///
    /// ```swift
    /// print(request.header("accept") ?? "")
    /// ```
    public func header(_ name: String) -> String? {
        headers.all.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The body decoded.
    ///
    /// ```swift
    /// let order = try request.json(as: Order.self)
    /// ```
    /// - Throws: ``StoreError/coding(_:)``.
    public func json<Value: Decodable>(as type: Value.Type = Value.self) throws(StoreError) -> Value {
        try ItemDecoder.decode(type, from: body)
    }
}

/// What a request handler answers.
///
/// ```swift
/// let response = Response(status: 204)
/// ```
public struct Response: Sendable {
    /// The status code.
    ///
    /// ```swift
    /// print(response.status)
    /// ```
    public var status: Int
    /// Header fields, in order.
    ///
    /// ```swift
    /// response.headers.append((name: "Cache-Control", value: "no-store"))
    /// ```
    public var headers: [(name: String, value: String)] = []
    /// The body.
    ///
    /// ```swift
    /// print(response.body.count)
    /// ```
    public var body: [UInt8]

    /// An answer of bytes, or of nothing.
    ///
    /// ```swift
    /// let response = Response(status: 204)
    /// ```
    public init(status: Int = 200, body: [UInt8] = []) {
        self.status = status
        self.body = body
    }

    /// An answer of text.
    ///
    /// ```swift
    /// let response = Response.text("hello")
    /// ```
    public static func text(_ text: String, status: Int = 200) -> Response {
        var response = Response(status: status, body: Array(text.utf8))
        response.headers = [(name: "Content-Type", value: "text/plain; charset=utf-8")]
        return response
    }

    /// An answer of a value in JSON.
    ///
    /// ```swift
    /// let response = try Response.json(order)
    /// ```
    /// - Throws: ``StoreError/coding(_:)``.
    public static func json(_ value: some Encodable, status: Int = 200) throws(StoreError) -> Response {
        var response = Response(status: status, body: try ItemEncoder.encode(value).text)
        response.headers = [(name: "Content-Type", value: "application/json")]
        return response
    }
}
