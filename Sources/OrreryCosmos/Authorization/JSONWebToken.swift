import OrreryCrypto
import OrreryDocuments

/// The three parts of a JSON Web Token in its compact form (RFC 7515, section 3.1), read and not yet believed.
struct JSONWebToken {
    let header: JSONValue
    let claims: JSONValue
    let signature: [UInt8]
    /// What the signature is over: the first two parts as they were sent, with the dot between them.
    let signedText: [UInt8]

    /// No identity provider's token is larger.
    static let bytesMax = 16_384

    /// Reads a token; nil for what has not three parts in base64 for URLs, or no JSON objects in the first two.
    init?(_ text: String) {
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
