public import OrreryDocuments

/// The properties that the service adds to every item; what a user sends under their names is left out.
public enum SystemProperty {
    /// The time of the last write in whole seconds, known at the commit and always indexed.
    static let timestamp = Array("_ts".utf8)
    /// Those that no policy can index.
    private static let neverIndexed = ["_rid", "_self", "_etag", "_attachments"].map { Array($0.utf8) }

    /// The names of all of them, in UTF-8.
    public static let names = neverIndexed + [timestamp]

    /// Whether a member's name is one of theirs.
    public static func isName(_ name: JSONNode) -> Bool {
        name.withStringUTF8 { isName($0) } ?? false
    }

    /// Whether a document has a member of such a name at its top.
    public static func isNamed(in document: JSONDocument) -> Bool {
        let walk = document.walk
        guard walk.kind(JSONWalk.root) == .object else { return false }
        var name = walk.firstChild(of: JSONWalk.root)
        let end = walk.end(of: JSONWalk.root)
        while name < end {
            let isOne = walk.hasEscapes(name) ? isName(walk.decoded(name).span) : isName(walk.content(name))
            if isOne { return true }
            name = walk.next(after: name + 1)
        }
        return false
    }

    /// Whether these bytes are the name of one of them.
    static func isName(_ name: Span<UInt8>) -> Bool {
        // Nearly every name is settled by its first byte.
        guard name.count > 0, name[0] == UInt8(ascii: "_") else { return false }
        return names.contains { name.isEqual(to: $0.span) }
    }

    static func isNeverIndexed(_ name: [UInt8]) -> Bool {
        name.first == UInt8(ascii: "_") && neverIndexed.contains(name)
    }
}
