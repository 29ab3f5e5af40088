import OrreryHTTP
import OrreryKeys

/// A request's path, taken apart: which resource or feed of resources it names, and the ids on the way there.
///
/// A link is a sequence of pairs, keyword and id: `dbs/shop/colls/orders/docs/17`. It names a feed where it ends with
/// a keyword. Segments are percent-encoded UTF-8, and a slash at either end means nothing (wire specification,
/// section 1).
/// The ids are kept as ranges of one decoded buffer, so that reading a link costs one allocation.
struct ResourceLink: Sendable, Equatable {
    /// The decoded path without the slashes at its ends, as the string to sign needs it.
    let path: [UInt8]
    /// The kind that the last keyword names.
    let kind: LinkKind
    /// Whether the link ends with its keyword, and so names all resources of the kind under a parent.
    let isFeed: Bool
    /// Where the ids stand in `path`, the outermost first.
    private let ids: [Range<Int>]

    /// No link has more bytes than three ids and their keywords can take when every byte is percent-encoded.
    static let pathBytesMax = 16_384

    /// Reads the path of a request. Nil for one that cannot name anything: an unknown keyword, a wrong nesting, an
    /// empty segment, or a percent sign without two hex digits after it.
    init?(rawPath: some Collection<UInt8>) {
        guard rawPath.count <= Self.pathBytesMax, let decoded = Self.decode(rawPath) else { return nil }
        var kind = LinkKind.account
        var ids: [Range<Int>] = []
        ids.reserveCapacity(3)
        var isFeed = false
        for (index, segment) in decoded.segments.enumerated() {
            if index % 2 == 0 {
                guard let next = LinkKind(keyword: decoded.path[segment]) else { return nil }
                guard next.parent == (index == 0 ? nil : kind) else { return nil }
                kind = next
                isFeed = true
            } else {
                ids.append(segment)
                isFeed = false
            }
        }
        self.path = decoded.path
        self.kind = kind
        self.isFeed = isFeed
        self.ids = ids
    }

    /// How many ids the link holds.
    var idCount: Int { ids.count }

    /// The id at a depth: 0 for the database's (or offer's), 1 for the container's or user's, 2 for the resource in it.
    func id(at depth: Int) -> ArraySlice<UInt8>? {
        ids.indices.contains(depth) ? path[ids[depth]] : nil
    }

    /// The id at a depth as text; empty where the link does not reach so far.
    func idText(at depth: Int) -> String {
        id(at: depth).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The path of what the signature covers: the resource itself, or the parent of a feed.
    var signedPath: ArraySlice<UInt8> {
        guard isFeed else { return path[...] }
        return ids.last.map { path[..<$0.upperBound] } ?? []
    }

    /// The path of the container that the link names or is in; empty where it reaches none.
    var containerPath: ArraySlice<UInt8> {
        ids.count >= 2 ? path[..<ids[1].upperBound] : []
    }

    /// The last id in the signed path, which stands alone in the signature of a link made of resource ids.
    var signedID: ArraySlice<UInt8> {
        ids.last.map { path[$0] } ?? []
    }

    /// Whether the database's id has the form of a resource id: eight characters of base64 that say four bytes (wire
    /// specification, section 3).
    var mayBeResourceIDs: Bool {
        guard kind != .offer, let id = id(at: 0) else { return false }
        return id.count == 8 && ResourceID(text: String(decoding: id, as: UTF8.self)) != nil
    }

    /// The id at a depth as a resource id, where it has the form of one.
    func resourceID(at depth: Int) -> ResourceID? {
        id(at: depth).flatMap { ResourceID(text: String(decoding: $0, as: UTF8.self)) }
    }

    private static func decode(_ raw: some Collection<UInt8>) -> (path: [UInt8], segments: [Range<Int>])? {
        var path = Array(raw)
        if path.first == slash { path.removeFirst() }
        if path.isEmpty { return ([], []) }
        if path.last == slash { path.removeLast() }
        if path.contains(UInt8(ascii: "%")) { return decodeEscapes(path) }
        var segments: [Range<Int>] = []
        segments.reserveCapacity(6)
        var start = 0
        for index in path.indices where path[index] == slash {
            segments.append(start..<index)
            start = index + 1
        }
        segments.append(start..<path.count)
        guard segments.allSatisfy({ !$0.isEmpty }), isUTF8(path) else { return nil }
        return (path, segments)
    }

    /// An escaped slash stays inside its segment.
    private static func decodeEscapes(_ raw: [UInt8]) -> (path: [UInt8], segments: [Range<Int>])? {
        var path: [UInt8] = []
        path.reserveCapacity(raw.count)
        var segments: [Range<Int>] = []
        for segment in raw.split(separator: slash, omittingEmptySubsequences: false) {
            guard !segment.isEmpty, let decoded = try? PercentEncoding.bytes(segment), isUTF8(decoded) else {
                return nil
            }
            if !segments.isEmpty { path.append(slash) }
            segments.append(path.count..<(path.count + decoded.count))
            path.append(contentsOf: decoded)
        }
        return (path, segments)
    }

    private static let slash = UInt8(ascii: "/")

    private static func isUTF8(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
    }
}
