/// One HTTP response. `Content-Length`, `Date` and `Connection` are the server's; everything else is the handler's.
public struct HTTPResponse: Sendable {
    /// The status code, 200...599.
    public var status: Int

    public var headers: HTTPResponseHeaders

    /// The body; handed to the socket without a copy. Not sent for HEAD, 204 and 304.
    public var body: [UInt8]

    /// Where there is one, the body is what is written to this stream, and ``body`` is not looked at.
    public var stream: HTTPBodyStream?

    public init(status: Int, headers: HTTPResponseHeaders = HTTPResponseHeaders(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A response whose body has that content type.
    public init(status: Int, contentType: StaticString, body: [UInt8]) {
        self.init(status: status, body: body)
        headers.append("Content-Type", contentType)
    }
}
