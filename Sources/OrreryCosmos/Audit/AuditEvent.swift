import OrreryDocuments

/// One line of the audit trail: what was asked, by whom, of what, and what became of it. It never holds a key, a token
/// or anything of a document.
struct AuditEvent: Sendable {
    /// What kinds of events there are; each kind has its own allowance, so that one cannot crowd out another.
    enum Kind: String, Sendable, CaseIterable {
        /// Databases, containers, offers, users, permissions, scripts, keys or roles were to be changed.
        case controlPlane
        /// A request was refused, for nobody knows its sender or it may not do this.
        case refusal
        /// A token of the identity provider was believed for the first time.
        case signIn
    }

    let kind: Kind
    /// The operation's name, or what happened.
    let operation: String
    /// The answer's status.
    let status: Int
    let substatus: Int
    /// Who asked, as far as it is known: `key:primary`, `principal:` and its id, `permission:` and its resource id.
    let actor: String
    /// The link of what was asked for, down to the container for items.
    var resource: String
    /// The client's address.
    let address: String
    let activityID: String
    /// What else is worth knowing; empty for most.
    var detail = ""

    /// Longer texts are cut: they come from clients.
    private static let textBytesMax = 512

    /// The item that is kept.
    func json(id: String, date: AuditDate, suppressedCount: Int) -> JSONValue {
        var json: JSONValue = [
            "id": .string(id), "day": .string(date.day), "time": .string(date.time), "kind": .string(kind.rawValue),
            "operation": .string(Self.cut(operation)), "status": .number(status), "substatus": .number(substatus),
            "actor": .string(Self.cut(actor)), "resource": .string(Self.cut(resource)),
            "address": .string(Self.cut(address)), "activityId": .string(Self.cut(activityID)),
        ]
        if !detail.isEmpty { json["detail"] = .string(Self.cut(detail)) }
        if suppressedCount > 0 { json["suppressedBefore"] = .number(suppressedCount) }
        return json
    }

    private static func cut(_ text: String) -> String {
        text.utf8.count <= textBytesMax ? text : String(decoding: text.utf8.prefix(textBytesMax), as: UTF8.self)
    }
}
