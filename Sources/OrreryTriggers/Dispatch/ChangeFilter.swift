internal import OrreryCrypto
internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryQuery

/// Which changes a handler is given, and which of them go together.
struct ChangeFilter: Sendable {
    private let kinds: Set<TriggerChange.Kind>
    private let predicate: DocumentCondition?
    /// Changes of this origin are the handler's own, and passed by; 0 for none.
    private let ownOrigin: UInt64

    init(_ trigger: Trigger) throws(TriggerError) {
        kinds = trigger.options.kinds
        ownOrigin = trigger.options.seesOwnChanges ? 0 : trigger.origin
        do throws(QueryError) {
            predicate = try trigger.options.predicate.map { text throws(QueryError) in
                try DocumentCondition(Array(text.utf8), limits: .filter)
            }
        } catch {
            throw .badPredicate("\(error)")
        }
    }

    /// Whether the handler is given a change.
    /// - Parameters:
    ///   - mayAsk: whether there is time to ask the predicate.
    ///   - undecided: hears why the predicate could not be asked to its end. The change is the handler's to judge then:
    ///     nothing that was committed is passed by for want of time.
    func passes(
        _ change: ItemChange, mayAsk: () -> Bool = { true }, undecided: (_ reason: String) -> Void
    ) -> Bool {
        guard ownOrigin == 0 || change.item.origin != ownOrigin, kinds.contains(TriggerChange.Kind(change.kind)) else {
            return false
        }
        guard let predicate, mayAsk() else { return true }
        let text = change.item.text.isEmpty ? change.previous?.text ?? [] : change.item.text
        // What cannot be looked at is the handler's to judge.
        guard let document = try? JSONDocument(parsing: text) else { return true }
        do throws(QueryError) {
            return try predicate.matches(document)
        } catch {
            undecided(error.message)
            return true
        }
    }

    /// What stands for a change's partition key: half of its SHA-256 in hexadecimal. Nobody can make two keys that have
    /// the same.
    static func key(of change: ItemChange) -> String {
        String(SHA256.digest(of: Array(change.key.partitionKey)).hex.prefix(32))
    }
}
