/// One HTTP request: what a handler is given, complete with its body unless that was asked for while it comes.
public struct HTTPRequest: Sendable {
    public let method: HTTPMethod

    /// The request target exactly as it came: path and query, percent-encoded, not checked.
    public let target: [UInt8]

    public let headers: HTTPHeaders

    /// The whole body, at most `HTTPServerConfiguration.bodyBytesMax` bytes; empty where there is none.
    public let body: [UInt8]

    /// The body of a request that is handed over while its body comes (`HTTPServerConfiguration.takesUploads`).
    public private(set) var upload: HTTPUpload?

    public let peer: HTTPPeerAddress

    /// Whether the request came over TLS.
    public let isTLS: Bool

    // Where the path begins (after the authority of an absolute-form target) and ends (before `?` or at the end).
    private let pathRange: Range<Int>

    /// A request from its parts, as the server or a test without a socket makes it.
    public init(
        method: HTTPMethod, target: [UInt8], headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = [],
        peer: HTTPPeerAddress = .unknown, isTLS: Bool = false
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.peer = peer
        self.isTLS = isTLS
        pathRange = Self.pathRange(of: target)
    }

    /// The same request with a body that is yet to come.
    public func with(_ upload: HTTPUpload?) -> HTTPRequest {
        var request = self
        request.upload = upload
        return request
    }

    /// The path as it came, percent-encoded, without the query.
    public var rawPath: ArraySlice<UInt8> { target[pathRange] }

    /// What stands after the first `?`, percent-encoded; nil where there is no `?`.
    public var rawQuery: ArraySlice<UInt8>? {
        pathRange.upperBound < target.count ? target[(pathRange.upperBound + 1)...] : nil
    }

    /// The path as text, percent-encoded (invalid UTF-8 repaired).
    public var path: String { String(decoding: rawPath, as: UTF8.self) }

    /// The `Host` header field (RFC 9110 section 7.2): host and, where it is not the scheme's own, port.
    public var host: String? { headers["host"] }

    /// The path's segments, percent-decoded. A leading and one trailing slash count for nothing: `/dbs/a%20b/` is
    /// `["dbs", "a b"]` and `/` is `[]`. An escaped slash stays inside its segment.
    public func pathSegments() throws(HTTPPathError) -> [String] {
        var segments: [String] = []
        var rest = rawPath
        if rest.first == UInt8(ascii: "/") { rest = rest.dropFirst() }
        if rest.last == UInt8(ascii: "/") { rest = rest.dropLast() }
        if rest.isEmpty { return segments }
        segments.reserveCapacity(8)
        while true {
            let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            segments.append(try PercentEncoding.text(rest[rest.startIndex..<end]))
            if end == rest.endIndex { return segments }
            rest = rest[(end + 1)...]
        }
    }

    /// A target is `/path?query`, `http://authority/path?query` (to be accepted by every server) or `*`
    /// (RFC 9112 section 3.2).
    private static func pathRange(of target: [UInt8]) -> Range<Int> {
        let end = target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        if target.first == UInt8(ascii: "/") { return 0..<end }
        for scheme in ["http://", "https://"] where target.starts(with: scheme.utf8) {
            let authorityStart = scheme.utf8.count
            guard authorityStart <= end else { break }
            return (target[authorityStart..<end].firstIndex(of: UInt8(ascii: "/")) ?? end)..<end
        }
        return 0..<end
    }
}
