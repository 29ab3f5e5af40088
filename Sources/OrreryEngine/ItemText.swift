internal import OrreryDocuments

/// Of an item what a query reads: its text, or some members of it, and what orders items.
public struct ItemText: Sendable {
    /// See ``Item/version``.
    public let version: UInt64
    /// See ``Item/documentNumber``.
    public let documentNumber: UInt64
    /// The JSON text, or an excerpt of it.
    public let text: [UInt8]
    /// The size of the whole text.
    public let byteCount: Int
}

extension LogRecord {
    /// A copy of what a query reads.
    /// - Parameter excerpt: the members that are wanted; nil for all.
    func itemText(_ excerpt: JSONExcerpt?) -> ItemText {
        ItemText(
            version: header.version, documentNumber: header.documentNumber, text: copiedText(excerpt),
            byteCount: text.count)
    }

    private func copiedText(_ excerpt: JSONExcerpt?) -> [UInt8] {
        guard let excerpt else { return [UInt8](copying: text) }
        var members: [UInt8] = []
        members.reserveCapacity(120)
        return excerpt.append(of: text, to: &members) ? members : [UInt8](copying: text)
    }
}
