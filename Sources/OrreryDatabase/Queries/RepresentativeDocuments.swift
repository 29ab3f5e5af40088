internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryQuery

/// Documents that each stand for several with the same value, for a query that cannot tell these apart.
struct RepresentativeDocuments: DocumentSource {
    struct Representative {
        let item: WalkedItem
        /// How many items it stands for, itself included.
        let count: Int
    }

    private let snapshots: [PartitionSnapshot]
    private let items: [Representative]
    private var index = 0
    /// What the engine reported when a read failed; the query itself only knows that it did.
    private(set) var failure: DatabaseError?

    init(_ snapshots: [PartitionSnapshot], _ items: [Representative]) {
        self.snapshots = snapshots
        self.items = items
    }

    mutating func next() throws(QueryError) -> SourceDocument? {
        guard index < items.count else { return nil }
        defer { index += 1 }
        return try document(items[index])
    }

    private mutating func document(_ representative: Representative) throws(QueryError) -> SourceDocument? {
        let item = representative.item
        let found: ItemText?
        do throws(EngineError) {
            found = try snapshots[item.snapshot].itemText(item.version)
        } catch {
            failure = DatabaseError(error)
            throw .sourceFailed
        }
        // What is stored was validated when it came in, and the snapshot holds still.
        guard let found, let document = try? JSONDocument(parsing: found.text) else {
            failure = .unavailable("An item of the container cannot be read.")
            throw .sourceFailed
        }
        return SourceDocument(
            document: document,
            position: DocumentPosition(partition: UInt32(clamping: item.snapshot), version: item.version),
            resourceNumber: found.documentNumber, count: representative.count)
    }

    /// Groups and distinct rows are gathered whole, so nothing is sought, and nothing read a second time.
    mutating func seek(to position: DocumentPosition) throws(QueryError) {}
    mutating func document(at position: DocumentPosition) throws(QueryError) -> SourceDocument? { nil }
}
