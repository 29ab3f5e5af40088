public import OrreryDocuments
internal import OrreryEngine
internal import OrreryKeys
internal import OrreryQuery

/// A patch that was checked against a container, ready to be applied to an item of it.
public struct ItemPatch: Sendable {
    private let patch: JSONPatch
    /// What must be true of the item; nil where the patch has no condition.
    private let condition: DocumentCondition?

    /// - Throws: `.invalid` with the service's message.
    public init(_ body: JSONNode, in container: Container) throws(DatabaseError) {
        do throws(JSONPatchError) {
            patch = try JSONPatch(body)
            let fixed = ([Array("id".utf8)] + SystemProperty.names).map { [$0] }
            try patch.check(protecting: fixed + container.definition.partitionKey.segments)
        } catch {
            throw .invalid(error.description)
        }
        do throws(QueryError) {
            condition = try patch.condition.map { text throws(QueryError) in
                try DocumentCondition(Array(text.utf8), limits: .condition)
            }
        } catch {
            throw .badQuery(error)
        }
    }

    private func holds(for document: JSONDocument) throws(DatabaseError) -> Bool {
        guard let condition else { return true }
        do throws(QueryError) {
            return try condition.matches(document)
        } catch {
            throw .badQuery(error)
        }
    }

    /// The patched document.
    @Sendable public func apply(to document: JSONDocument) throws(DatabaseError) -> JSONDocument {
        guard try holds(for: document) else { throw .preconditionFailed }
        do throws(JSONPatchError) {
            return try patch.apply(to: document)
        } catch {
            throw .invalid(error.description)
        }
    }
}
