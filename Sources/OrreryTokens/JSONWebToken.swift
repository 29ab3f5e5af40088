// OrreryTokens: JSON Web Tokens and the keys that sign them, read and checked. It knows nothing of whom a token speaks
// for, of HTTP or of documents that are kept.

import OrreryCrypto
public import OrreryDocuments

/// The three parts of a JSON Web Token in its compact form (RFC 7515, section 3.1), read and not yet believed.
public struct JSONWebToken: Sendable {
    public let header: JSONValue
    public let claims: JSONValue
    public let signature: [UInt8]
    /// What the signature is over: the first two parts as they were sent, with the dot between them.
    public let signedText: [UInt8]

    /// No identity provider's token is larger.
    public static let bytesMax = 16_384

    /// Reads a token; nil for what has not three parts in base64 for URLs, or no JSON objects in the first two.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.bytesMax else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = Self.decoded(parts[2])
        else { return nil }
        self.header = header
        self.claims = claims
        self.signature = signature
        signedText = Array(bytes[..<parts[1].endIndex])
    }

    /// The algorithm that the header names; nil for one that is not known, and for a header that calls something
    /// critical, which has to be understood, and nothing is (RFC 7515, section 4.1.11), or names its key by anything
    /// but a text.
    public var algorithm: JSONWebAlgorithm? {
        guard header["crit"] == nil, header["kid"].map({ $0.string != nil }) ?? true else { return nil }
        return header["alg"]?.string.flatMap(JSONWebAlgorithm.init(rawValue:))
    }

    /// A claim of time in seconds since 1970, whole or not (RFC 7519, section 2); nil for what is none.
    public func seconds(_ claim: String) -> Int64? {
        guard let value = claims[claim]?.double, value >= 0, value < 1e12 else { return nil }
        return Int64(value)
    }

    /// Whether the token is meant for somebody: the audience's name stands in `aud`, alone or among others.
    public func isFor(_ audience: String) -> Bool {
        let audiences = claims["aud"]?.array ?? claims["aud"].map { [$0] } ?? []
        return audiences.contains { $0.string?.utf8.elementsEqual(audience.utf8) == true }
    }

    private static func object(_ part: ArraySlice<UInt8>) -> JSONValue? {
        let value = decoded(part).flatMap { try? JSONValue(parsing: $0) }
        return value?.members == nil ? nil : value
    }

    /// Base64 for URLs, without padding (RFC 7515, section 2).
    static func decoded(_ part: some Collection<UInt8>) -> [UInt8]? {
        var text = part.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        text += [UInt8](repeating: UInt8(ascii: "="), count: (4 - text.count % 4) % 4)
        return Base64.decode(text)
    }
}
