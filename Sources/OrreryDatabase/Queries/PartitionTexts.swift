internal import OrreryEngine
internal import OrreryQuery

/// The texts of the items that the index names, range after range: rows as they stand.
struct PartitionTexts: DocumentTextSource, FailingSource {
    /// One range's part.
    struct Part {
        let snapshot: PartitionSnapshot
        let scope: PartitionSnapshot.Scope
        /// Ascending. Some may be outside the scope.
        let versions: [UInt64]
    }

    private let parts: [Part]
    private var partIndex = 0
    /// The place of the next version in its part.
    private var index = 0
    var failure: DatabaseError?

    init(_ parts: [Part]) {
        self.parts = parts
    }

    mutating func seek(to position: DocumentPosition) throws(QueryError) {
        partIndex = Int(position.partition)
        guard parts.indices.contains(partIndex) else { return }
        // The document at the position itself comes again.
        index = position.version == 0 ? 0 : parts[partIndex].versions.firstIndex(after: position.version - 1)
    }

    mutating func appendNextText(to rows: inout [UInt8]) throws(QueryError) -> DocumentPosition? {
        while parts.indices.contains(partIndex) {
            guard index < parts[partIndex].versions.count else {
                partIndex += 1
                index = 0
                continue
            }
            let version = parts[partIndex].versions[index]
            index += 1
            let number = try reading { (source) throws(EngineError) in
                // The part is not copied, which would count references for each row.
                try source.parts[source.partIndex].snapshot.appendText(
                    of: version, in: source.parts[source.partIndex].scope, to: &rows)
            }
            if number != nil { return DocumentPosition(partition: UInt32(clamping: partIndex), version: version) }
        }
        return nil
    }
}
