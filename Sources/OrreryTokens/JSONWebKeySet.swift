public import OrreryDocuments

/// The public keys that an identity provider signs its tokens with, as it publishes them (RFC 7517, section 5).
public struct JSONWebKeySet: Sendable {
    /// Those that can be used; the others are left out.
    public let keys: [JSONWebKey]

    /// No provider publishes so many keys.
    private static let keysMax = 100

    /// Reads a set; nil for what is none, or has no key of an algorithm that is taken.
    public init?(_ text: [UInt8], taking algorithms: Set<JSONWebAlgorithm>) {
        guard let json = try? JSONValue(parsing: text), let set = JSONWebKeySet(json, taking: algorithms) else {
            return nil
        }
        self = set
    }

    /// As above, of JSON that is parsed already.
    public init?(_ json: JSONValue, taking algorithms: Set<JSONWebAlgorithm>) {
        guard let members = json["keys"]?.array, members.count <= Self.keysMax else { return nil }
        keys = members.compactMap(JSONWebKey.init).filter { algorithms.contains($0.algorithm) }
        if keys.isEmpty { return nil }
    }

    /// The key of a name; nil where there is none. A token that names no key is good where there is but one.
    public func key(named name: String?) -> JSONWebKey? {
        guard let name else { return keys.count == 1 ? keys.first : nil }
        return keys.first { $0.name.utf8.elementsEqual(name.utf8) }
    }
}
