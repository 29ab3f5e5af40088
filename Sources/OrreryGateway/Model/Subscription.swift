import OrreryCrypto
import OrreryDocuments

/// Somebody's right to call the APIs of a product, shown by either of two keys. Keys are seen once, when they are made;
/// what is kept is their digests, so that whoever reads the configuration cannot call in another's name.
public struct Subscription: Sendable {
    enum State: String, Sendable, CaseIterable {
        case active, suspended
    }

    /// The two keys, of which one can be made anew while the other is used.
    public enum KeyKind: String, Sendable, CaseIterable {
        case primary, secondary
    }

    let id: String
    let product: String
    /// On whose behalf it calls; what handlers and limits tell callers apart by.
    let tenant: String
    let state: State
    /// SHA-256 of each key's text, in hexadecimal digits.
    let keyDigests: [String]

    init(_ json: JSONValue) throws(ConfigurationError) {
        var reader = try ConfigurationReader(json, at: "subscription")
        id = try reader.requiredName("id")
        product = try reader.requiredName("product")
        tenant = try reader.text("tenant") ?? id
        state = try reader.word("state", State.self) ?? .active
        _ = (reader.value("displayName"), reader.value("kind"))
        var digests: [String] = []
        for kind in KeyKind.allCases {
            if let digest = try reader.text(Self.member(kind)) { digests.append(digest) }
        }
        keyDigests = digests
        try reader.finish()
    }

    /// The member of the document that holds a key's digest.
    public static func member(_ kind: KeyKind) -> String { kind.rawValue + "KeyDigest" }

    /// A new key: 32 hexadecimal digits, as API Management's are.
    public static func newKey() -> String {
        randomBytes(count: 16).hexadecimal
    }

    /// What is kept of a key.
    public static func digest(ofKey key: String) -> String { SHA256.digest(of: Array(key.utf8)).hex }
}
