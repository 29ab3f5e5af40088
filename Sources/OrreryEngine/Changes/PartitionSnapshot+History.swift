/// One change in a partition's history.
public struct ItemChange: Sendable {
    public enum Kind: Sendable {
        case create, replace, delete
        /// The item's time to live ended.
        case expire
    }

    public let kind: Kind
    /// Where the item stands.
    public let key: ItemKey
    /// The item as it is afterwards; of one that is gone, without its text.
    public let item: Item
    /// The item as it was before; nil for a create, and where the log no longer has it.
    public let previous: Item?
}

extension PartitionSnapshot {
    /// Gives every change of a scope's items after a version, in version order, until `body` answers false: also those
    /// that later ones superseded, and deletes.
    /// - Returns: whether the end was reached.
    public func history(
        _ scope: Scope, after version: UInt64 = 0, _ body: (ItemChange) -> Bool
    ) throws(EngineError) -> Bool {
        var failure: EngineError?
        let isAtEnd = try view.walkHistory(after: version) { record in
            guard scope.contains(record) else { return true }
            let previousVersion = record.header.previousVersion
            var previous: Item?
            do throws(EngineError) {
                if previousVersion > 0 { previous = try view.withRecord(previousVersion) { $0.copied() } }
            } catch {
                failure = error
                return false
            }
            return body(
                ItemChange(
                    kind: .init(record.header.operation), key: record.itemKey, item: record.copied(),
                    previous: previous))
        }
        if let failure { throw failure }
        return isAtEnd
    }
}

extension ItemChange.Kind {
    init(_ operation: LogOperation) {
        switch operation {
        case .create: self = .create
        case .replace: self = .replace
        // Walks over the history pass by what is of no item.
        case .delete, .elsewhere, .checkpoint: self = .delete
        case .expire: self = .expire
        }
    }
}
