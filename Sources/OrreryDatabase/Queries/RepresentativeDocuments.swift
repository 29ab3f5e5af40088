internal import OrreryEngine
internal import OrreryQuery

/// Documents that each stand for several with the same value, for a query that cannot tell these apart.
struct RepresentativeDocuments: DocumentSource, FailingSource {
    struct Representative {
        let item: WalkedItem
        /// How many items it stands for, itself included.
        var count: Int
    }

    private let snapshots: [PartitionSnapshot]
    private let items: [Representative]
    private var index = 0
    var failure: DatabaseError?

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
        let found = try reading { (source) throws(EngineError) in
            try source.snapshots[item.snapshot].itemText(item.version)
        }
        // The snapshot holds still: what a walk over it came to is there.
        guard let found else { throw unreadable() }
        return try sourceDocument(found, partIndex: item.snapshot, count: representative.count)
    }

    /// Groups and distinct rows are gathered whole, so nothing is sought, and nothing read a second time.
    mutating func seek(to position: DocumentPosition) throws(QueryError) {}
    mutating func document(at position: DocumentPosition) throws(QueryError) -> SourceDocument? { nil }
}
