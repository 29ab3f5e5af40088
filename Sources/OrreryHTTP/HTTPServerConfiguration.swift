/// What a server listens on and what it allows. Every limit has a default.
public struct HTTPServerConfiguration: Sendable {
    /// An address of this machine or a name that resolves to one; `0.0.0.0` or `::` for all.
    public var host = "127.0.0.1"

    /// The port; 0 takes a free one, which `HTTPServer.port` then tells.
    public var port: UInt16 = 0

    /// TLS, or nil for plain HTTP.
    public var tls: HTTPServerTLS?

    /// Threads that read, handle and answer requests. Nil: one for each processor.
    public var threadCount: Int?

    /// The request line and all header fields together, in bytes; above it 431. Continuation tokens
    /// reach 16 KiB. Generous limits cost time: the library clears a connection's memory after every request.
    public var headerBytesMax = 20 * 1024

    /// A request's body, in bytes; above it 413. An item of 2 MiB with the rest of a batch around it.
    public var bodyBytesMax = 2 * 1024 * 1024 + 64 * 1024

    /// A body above `bodyBytesMax` is read and thrown away up to here, so that the client, busy sending, lives to
    /// read the 413; above it the connection is closed at once.
    public var discardedBodyBytesMax = 16 * 1024 * 1024

    /// Whether the body of a request is handed over while it comes (`HTTPRequest.upload`), and may then be of any
    /// length. Asked when the head is there, for bodies beyond `gatheredBodyBytesMax` and those that come in chunks.
    public var takesUploads: @Sendable (HTTPRequest) -> Bool = { _ in false }

    /// Bodies up to here are gathered in any case: they cost less so, and can be sent again.
    public var gatheredBodyBytesMax = 64 * 1024

    /// A connection on which nothing moves for so long is closed, whether idle or in the middle of a request. A
    /// request that waits for its handler's answer does not count.
    public var idleTimeoutSeconds: UInt32 = 120

    /// A request whose body has not arrived after so long is cut off, however steadily it trickles; one that is handed
    /// over while it comes, when nobody has wanted it for so long.
    public var bodyTimeoutSeconds: UInt32 = 60

    /// Connections open at a time; more are closed as they come.
    public var connectionCountMax: UInt32 = 8192

    /// Connections open at a time from one address; more are closed as they come.
    public var connectionCountPerAddressMax: UInt32 = 4096

    /// The response to what the server refuses by itself. The status is the refusal's.
    public var errorResponse: @Sendable (HTTPServerRefusal) -> HTTPResponse = { refusal in
        HTTPResponse(status: refusal.status, contentType: "text/plain", body: Array("\(refusal)\n".utf8))
    }

    public init() {}
}
