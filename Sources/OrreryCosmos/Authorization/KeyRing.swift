import OrreryCrypto
public import OrreryDatabase
import Synchronization

/// The account's keys: two that open everything and two that open reads, so that one of a pair can be made anew while
/// clients use the other.
///
/// They are kept with the account. The operator's own key is the primary one from the first start at which it is given;
/// once the primary key is made anew, the old one is not believed again, whatever the command line still says, until
/// the operator gives another.
public final class KeyRing: Sendable {
    /// One key, as users know it and as signatures use it.
    struct Key: Sendable {
        let kind: AccountKeyKind
        /// In base64.
        let text: [UInt8]
        let code: HMACSHA256

        init?(_ kind: AccountKeyKind, text: [UInt8]) {
            guard let bytes = Base64.decode(text), !bytes.isEmpty else { return nil }
            self.kind = kind
            self.text = text
            code = HMACSHA256(key: bytes)
        }
    }

    /// All keys as of one moment. A class, so that looking at them copies one reference.
    final class Keys: Sendable {
        /// In the order of their kinds: the primary key, which most requests are signed with, first.
        let all: [Key]

        init(_ all: [Key]) {
            self.all = all
        }
    }

    /// Keeps a setting of the account.
    typealias Keeper = @Sendable (String, [UInt8]?) throws(DatabaseError) -> Void

    private let keys: Mutex<Keys>
    /// Held while a key is made anew, so that two such changes do not undo each other.
    private let changing = Mutex(())
    private let keep: Keeper
    /// Signs what this server gives out and takes back: continuations and resource tokens. Nobody is ever shown it.
    let signer: HMACSHA256

    /// The bytes of a new key: as many as the service's keys have.
    private static let keyBytes = 64

    /// A ring of keys that are in base64.
    init(_ texts: [AccountKeyKind: [UInt8]], signingKey: [UInt8], keep: @escaping Keeper = { _, _ in }) {
        keys = Mutex(Keys(AccountKeyKind.allCases.compactMap { kind in texts[kind].flatMap { Key(kind, text: $0) } }))
        signer = HMACSHA256(key: signingKey)
        self.keep = keep
    }

    /// The keys of an account, made where they are missing.
    /// - Parameter configured: the primary key that the operator gave, in base64; nil to take what is kept.
    /// - Throws: `.invalid` for a key that is not base64; `.unavailable` where the account cannot keep the keys.
    public convenience init(account: Account, configured: String? = nil) throws(DatabaseError) {
        if let configured { try Self.adopt(configured, in: account) }
        var texts: [AccountKeyKind: [UInt8]] = [:]
        for kind in AccountKeyKind.allCases { texts[kind] = try Self.kept(Self.settingName(kind), in: account) }
        let signingKey = try Self.kept("keys/signing", in: account)
        self.init(texts, signingKey: signingKey) { (name, value) throws(DatabaseError) in
            try account.keepSetting(name, value)
        }
    }

    /// Takes the operator's key for the primary one, unless it was taken before: what became of it since counts.
    private static func adopt(_ configured: String, in account: Account) throws(DatabaseError) {
        guard Base64.decode(configured)?.isEmpty == false else { throw .invalid("the key is not base64") }
        let digest = Array(SHA256.digest(of: Array(configured.utf8)).hex.utf8)
        if account.setting("keys/configured") == digest, account.setting(settingName(.primary)) != nil { return }
        try account.keepSetting(settingName(.primary), Array(configured.utf8))
        try account.keepSetting("keys/configured", digest)
    }

    private static func kept(_ name: String, in account: Account) throws(DatabaseError) -> [UInt8] {
        if let text = account.setting(name) { return text }
        let text = Array(Base64.encode(randomBytes(count: keyBytes)).utf8)
        try account.keepSetting(name, text)
        return text
    }

    private static func settingName(_ kind: AccountKeyKind) -> String { "keys/\(kind.rawValue)" }

    // MARK: Looking

    /// All keys as they are now.
    var current: Keys { keys.withLock { $0 } }

    /// A key's text in base64.
    public func text(_ kind: AccountKeyKind) -> String {
        current.all.first { $0.kind == kind }.map { String(decoding: $0.text, as: UTF8.self) } ?? ""
    }

    /// The key that this text is; nil where it is none. Every key is compared, each in constant time.
    func key(withText text: [UInt8]) -> AccountKeyKind? {
        var found: AccountKeyKind?
        let keys = current.all
        // In place: a copy of a key would count references to what all threads share.
        let all = keys.span
        for index in all.indices where constantTimeEqual(all[index].text.span, text.span) { found = all[index].kind }
        return found
    }

    /// The key under which a text has this code; nil where it is none of them.
    func key(signing text: [UInt8], as code: [UInt8]) -> AccountKeyKind? {
        for key in current.all where constantTimeEqual(key.code.code(for: text).bytes, code) { return key.kind }
        return nil
    }

    // MARK: Changing

    /// Makes a key anew. The old one is not believed from the return of this call on, nor after a restart; the others
    /// stay as they are.
    /// - Returns: the new key in base64.
    /// - Throws: `.unavailable`; then the old key stands.
    public func regenerate(_ kind: AccountKeyKind) throws(DatabaseError) -> String {
        let text = Base64.encode(randomBytes(count: Self.keyBytes))
        try changing.withLock { (_) throws(DatabaseError) in
            try keep(Self.settingName(kind), Array(text.utf8))
            keys.withLock { keys in
                keys = Keys(keys.all.map { $0.kind == kind ? Key(kind, text: Array(text.utf8)) ?? $0 : $0 })
            }
        }
        return text
    }
}
