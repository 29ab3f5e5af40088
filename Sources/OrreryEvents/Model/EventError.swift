import OrreryDocuments

/// Why an event, a subscription or a request about them is refused, in the service's form:
/// `{"error":{"code","message","details":[{"code","message"}]}}`.
public struct EventError: Error, Sendable, Equatable {
    /// What the caller can do about it.
    public enum Kind: Int, Sendable, Equatable {
        /// Correct the request.
        case badRequest = 400
        /// Show a key that holds.
        case unauthorized = 401
        /// Do not ask for this.
        case forbidden = 403
        /// Look at what is there.
        case notFound = 404
        /// The method is not served there.
        case methodNotAllowed = 405
        /// Look at what is there, and decide again.
        case conflict = 409
        /// Send less.
        case tooLarge = 413
        /// Wait, and send the same again.
        case tooManyRequests = 429
        /// Wait until the server can serve.
        case unavailable = 503
    }

    public let kind: Kind
    /// One English sentence; it holds no data of an event and no key.
    public let message: String
    /// A finer code, in `details`.
    public let detailCode: String

    /// An error of a kind. `detailCode` is the kind's own code where none is given.
    public init(_ kind: Kind, _ message: String, detailCode: String? = nil) {
        self.kind = kind
        self.message = message
        self.detailCode = detailCode ?? kind.code
    }

    /// The status of the answer.
    public var status: Int { kind.rawValue }

    /// The service's code for the kind.
    public var code: String { kind.code }

    /// The body of the answer.
    public var body: [UInt8] {
        let details: JSONValue = [["code": .string(detailCode), "message": .string(message)]]
        let error: JSONValue = ["code": .string(code), "message": .string(message), "details": details]
        return JSONValue.object([JSONMember("error", error)]).text
    }
}

extension EventError.Kind {
    var code: String {
        switch self {
        case .badRequest: "BadRequest"
        case .unauthorized: "Unauthorized"
        case .forbidden: "Forbidden"
        case .notFound: "NotFound"
        case .methodNotAllowed: "MethodNotAllowed"
        case .conflict: "Conflict"
        case .tooLarge: "RequestEntityTooLarge"
        case .tooManyRequests: "TooManyRequests"
        case .unavailable: "ServiceUnavailable"
        }
    }
}

extension EventError {
    /// The body, or an event in it, is longer than the service takes.
    static func tooLarge(bytesMax: Int) -> EventError {
        EventError(.tooLarge, "The maximum size (\(bytesMax)) has been exceeded.")
    }

    /// What was published is not what the topic is configured for.
    static func doesNotConform(_ schema: EventSchema, _ reason: String) -> EventError {
        EventError(
            .badRequest,
            "This resource is configured to receive event in '\(schema.messageName)' schema. "
                + "The JSON received does not conform to the expected schema. \(reason)",
            detailCode: "InputJsonInvalid")
    }

    /// A member that the schema does not have.
    static func unexpectedProperty(_ name: String, _ schema: EventSchema) -> EventError {
        EventError(
            .badRequest,
            "This resource is configured for '\(schema.messageName)' schema. Received unexpected property "
                + "'\(name)' in JSON which does not conform to the expected schema.",
            detailCode: "InputJsonInvalid")
    }

    /// One kind of JSON value where the schema has another.
    static func unexpectedToken(_ actual: JSONNode.Kind, expected: String, _ schema: EventSchema) -> EventError {
        doesNotConform(schema, "Token Expected: \(expected), Actual Token Received: \(tokenName(actual)).")
    }

    private static func tokenName(_ kind: JSONNode.Kind) -> String {
        switch kind {
        case .null: "Null"
        case .boolean: "Boolean"
        case .number: "Number"
        case .string: "String"
        case .array: "StartArray"
        case .object: "StartObject"
        }
    }
}
