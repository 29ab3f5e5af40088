import OrreryCrypto
import OrreryDocuments

/// Somebody's right to call the APIs of a product, shown by either of two keys. Keys are seen once, when they are made;
/// what is kept is their digests, so that whoever reads the configuration cannot call in another's name.
public final class Subscription: Sendable {
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
    /// SHA-256 of each key's text.
    let keyDigests: [Digest]
    /// The name under which its calls are counted.
    let callerName: String

    init(_ json: JSONValue) throws(ConfigurationError) {
        var reader = try ConfigurationReader(json, at: "subscription")
        id = try reader.requiredName("id")
        callerName = "subscription:" + id
        product = try reader.requiredName("product")
        tenant = try reader.text("tenant") ?? id
        state = try reader.word("state", State.self) ?? .active
        _ = (reader.value("displayName"), reader.value("kind"))
        var digests: [Digest] = []
        for kind in KeyKind.allCases {
            guard let text = try reader.text(Self.member(kind)) else { continue }
            guard let digest = Digest(hexadecimal: text) else {
                throw reader.wrong(Self.member(kind), "a digest in hexadecimal digits")
            }
            digests.append(digest)
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
