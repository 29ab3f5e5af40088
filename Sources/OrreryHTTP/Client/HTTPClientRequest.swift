/// One request to be sent.
public struct HTTPClientRequest: Sendable {
    public var method: HTTPMethod
    /// An `http` or `https` URL, percent-encoded. Redirects are not followed.
    public var url: String
    /// Sent as they are, in order. `Host` and `Content-Length` are the client's unless they stand here.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// A body that is sent as it comes, in place of `body`; in chunks where its length is not known. The request goes
    /// over a connection of its own, for it could not be sent again over another.
    public var upload: HTTPUpload?
    /// From the start of the connection, or of the wait for one, to the last byte of the answer.
    public var timeoutMilliseconds = 30_000
    /// How long the connection may take to be made; nil for what the client allows.
    public var connectTimeoutMilliseconds: Int?
    /// The longest body of an answer.
    public var responseBytesMax = 4 * 1024 * 1024
    /// Whether an answer that is longer than `responseBytesMax` is cut there and counts, rather than being an error.
    public var truncatesResponse = false

    /// A request from its parts.
    public init(
        _ method: HTTPMethod, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// Whether nothing in it could end a line of the request's head and begin another.
    var isWellFormed: Bool {
        let texts = [url, method.name] + headers.flatMap { [$0.name, $0.value] }
        let hasControls = texts.contains { $0.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F } }
        return !hasControls && !url.isEmpty && !method.name.isEmpty
            && headers.allSatisfy { Self.isToken($0.name) } && Self.isToken(method.name)
    }

    /// RFC 9110 section 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F && !#"(),/:;<=>?@[\]{}""#.utf8.contains(byte)
            }
    }
}

/// What came back.
public struct HTTPClientResponse: Sendable {
    /// 200 and above; interim answers are passed by.
    public let status: Int
    public let headers: HTTPHeaders
    /// As it was sent, not decoded; empty in the head of a streamed answer.
    public var body: [UInt8]
    /// Whether the body was longer and is cut.
    public var isTruncated = false

    /// An answer from its parts.
    public init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Why there is no answer, or no whole one.
public enum HTTPClientError: Error, Sendable, Equatable {
    /// The request cannot be sent: its URL is none, or a header holds control characters.
    case badRequest
    /// The address is one that the client's policy refuses.
    case refusedAddress
    /// The host's name leads nowhere.
    case unresolved
    /// Nobody takes the connection.
    case unreachable
    /// The certificate is not one to be trusted, or there is no common protocol.
    case untrusted
    /// The time was over first.
    case timedOut
    /// The connection broke, or what came is not HTTP.
    case broken
    /// The answer's body or head is longer than allowed.
    case tooLarge
    /// The request's own body broke off, or nobody wants it any more.
    case uploadBroken
    /// The request's own body turned out longer than it may be.
    case uploadTooLarge
    /// More requests are on their way than the client takes.
    case overloaded
    /// The client was stopped, or the exchange was cancelled.
    case cancelled
}
