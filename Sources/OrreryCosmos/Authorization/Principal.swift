import OrreryDocuments

/// Whom a token of an identity provider speaks for: a person or a program, by the id that roles are given to.
struct Principal: Equatable, Sendable {
    /// The provider's id of it, compared byte by byte.
    let id: [UInt8]

    /// The longest id that is taken.
    static let idBytesMax = 256

    /// The principal of a token's claims: its `oid`, which Entra keeps the same for all applications, else its `sub`.
    init?(_ claims: JSONValue) {
        guard let id = claims["oid"]?.string ?? claims["sub"]?.string else { return nil }
        self.init(id)
    }

    init?(_ id: String) {
        guard (1...Self.idBytesMax).contains(id.utf8.count) else { return nil }
        self.id = Array(id.utf8)
    }

    var text: String { String(decoding: id, as: UTF8.self) }
}
