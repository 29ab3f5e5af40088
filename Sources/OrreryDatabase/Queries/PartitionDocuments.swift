internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryQuery

/// The documents of a scope, range after range, as one view of each range sees them: what a query runs over.
///
/// The engine hands out items as fast as it is asked to; a query wants them one at a time, so a few are kept ready.
struct PartitionDocuments: DocumentSource {
    /// One range's part of the scan.
    struct Part {
        let snapshot: PartitionSnapshot
        let scope: PartitionSnapshot.Scope
        /// The versions that the index named, ascending; nil to look at all of the scope.
        let candidates: [UInt64]?
    }

    private let parts: [Part]
    private let excerpt: JSONExcerpt?
    private var partIndex = 0
    /// The version after which the part's next items stand.
    private var lastVersion: UInt64 = 0
    private var isPartDone = false
    private var ready: [ItemText] = []
    private var readyIndex = 0
    private var readyCountMax = Self.readyCountFirst
    /// What the engine reported when the scan failed; the query itself only knows that it did.
    private(set) var failure: DatabaseError?

    /// The first fetch is small, for a point query needs one item; later ones grow, for a scan needs many.
    private static let readyCountFirst = 8
    private static let readyCountLast = 512
    /// Large items are fetched fewer at a time.
    private static let readyBytesMax = 4 << 20

    /// - Parameter excerpt: what the query reads of items; nil for all.
    init(_ parts: [Part], _ excerpt: JSONExcerpt?) {
        self.parts = parts
        self.excerpt = excerpt
    }

    mutating func seek(to position: DocumentPosition) throws(QueryError) {
        partIndex = Int(position.partition)
        // Versions count from 1, and the document at the position itself comes again.
        lastVersion = position.version == 0 ? 0 : position.version - 1
        isPartDone = false
        ready = []
        readyIndex = 0
    }

    mutating func next() throws(QueryError) -> SourceDocument? {
        guard let item = try nextItem() else { return nil }
        return try document(item, partIndex)
    }

    private mutating func nextItem() throws(QueryError) -> ItemText? {
        while readyIndex >= ready.count {
            if isPartDone {
                partIndex += 1
                lastVersion = 0
                isPartDone = false
            }
            guard partIndex < parts.count else { return nil }
            try fetch()
        }
        defer { readyIndex += 1 }
        return ready[readyIndex]
    }

    mutating func document(at position: DocumentPosition) throws(QueryError) -> SourceDocument? {
        let index = Int(position.partition)
        guard parts.indices.contains(index) else { return nil }
        let found: ItemText?
        do throws(EngineError) {
            found = try parts[index].snapshot.itemText(position.version, excerpt)
        } catch {
            failure = DatabaseError(error)
            throw .sourceFailed
        }
        guard let found else { return nil }
        return try document(found, index)
    }

    mutating func count() throws(QueryError) -> Int? {
        var count = 0
        for part in parts {
            // What the index named has to be looked at, for it may be of another scope.
            guard part.candidates == nil else { return nil }
            do throws(EngineError) {
                count += try part.snapshot.count(part.scope)
            } catch {
                failure = DatabaseError(error)
                throw .sourceFailed
            }
        }
        return count
    }

    private mutating func fetch() throws(QueryError) {
        ready.removeAll(keepingCapacity: true)
        readyIndex = 0
        let part = parts[partIndex]
        let countMax = readyCountMax
        var items: [ItemText] = []
        var byteCount = 0
        do throws(EngineError) {
            func take(_ item: ItemText) -> Bool {
                items.append(item)
                byteCount += item.text.count
                return items.count < countMax && byteCount < Self.readyBytesMax
            }
            if let candidates = part.candidates {
                let next = candidates[candidates.firstIndex(after: lastVersion)...]
                isPartDone = try part.snapshot.scanTexts(part.scope, of: next, excerpt, take)
            } else {
                isPartDone = try part.snapshot.scanTexts(part.scope, after: lastVersion, excerpt, take)
            }
        } catch {
            failure = DatabaseError(error)
            throw .sourceFailed
        }
        if let last = items.last { lastVersion = last.version }
        ready = items
        readyCountMax = min(readyCountMax * 4, Self.readyCountLast)
    }

    private mutating func document(_ item: ItemText, _ index: Int) throws(QueryError) -> SourceDocument {
        // What is stored was validated when it came in.
        guard let document = try? JSONDocument(parsing: item.text) else {
            failure = .unavailable("An item of the container cannot be read.")
            throw .sourceFailed
        }
        return SourceDocument(
            document: document,
            position: DocumentPosition(partition: UInt32(clamping: index), version: item.version),
            resourceNumber: item.documentNumber, byteCount: item.byteCount)
    }
}
