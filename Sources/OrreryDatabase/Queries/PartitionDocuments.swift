internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryQuery

/// The documents of a scope, range after range, as one view of each range sees them: what a query runs over.
///
/// The engine hands out items as fast as it is asked to; a query wants them one at a time, so a few are kept ready.
struct PartitionDocuments: DocumentSource, FailingSource {
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
    /// Threads that help with long scans; nil where the query is likely to end soon.
    private let helpers: WorkerPool?
    /// Of these fetches there are some before others help.
    private var fullFetchesDue: Int
    /// Reads the part from the moment on that the scan has turned out to be long.
    private var ahead: ScanAhead?
    private var documents: [SourceDocument] = []
    private var documentIndex = 0
    var failure: DatabaseError?

    /// The first fetch is small, for a point query needs one item; later ones grow, for a scan needs many.
    private static let readyCountFirst = 8
    private static let readyCountLast = 512
    /// Large items are fetched fewer at a time.
    private static let readyBytesMax = 4 << 20

    /// - Parameters:
    ///   - excerpt: what the query reads of items; nil for all.
    ///   - helpers: threads that may read ahead of the query, once it has seen many documents.
    ///   - mayEndEarly: whether the query may have enough before it has seen all.
    init(_ parts: [Part], _ excerpt: JSONExcerpt?, helpers: WorkerPool? = nil, mayEndEarly: Bool = false) {
        self.parts = parts
        self.excerpt = excerpt
        self.helpers = helpers
        fullFetchesDue = mayEndEarly ? 2 : 0
    }

    mutating func seek(to position: DocumentPosition) throws(QueryError) {
        partIndex = Int(position.partition)
        // Versions count from 1, and the document at the position itself comes again.
        lastVersion = position.version == 0 ? 0 : position.version - 1
        isPartDone = false
        ready = []
        readyIndex = 0
        ahead = nil
        documents = []
        documentIndex = 0
    }

    mutating func next() throws(QueryError) -> SourceDocument? {
        while true {
            if readyIndex < ready.count {
                defer { readyIndex += 1 }
                return try sourceDocument(ready[readyIndex], partIndex: partIndex)
            }
            if documentIndex < documents.count {
                defer { documentIndex += 1 }
                return documents[documentIndex]
            }
            if isPartDone {
                partIndex += 1
                lastVersion = 0
                isPartDone = false
                ahead = nil
            }
            guard partIndex < parts.count else { return nil }
            let isLong = readyCountMax == Self.readyCountLast
            if let helpers, isLong, fullFetchesDue == 0 {
                try readAhead(helpers)
            } else {
                if isLong { fullFetchesDue = max(0, fullFetchesDue - 1) }
                try fetch()
            }
        }
    }

    private mutating func readAhead(_ helpers: WorkerPool) throws(QueryError) {
        let ahead = ahead ?? ScanAhead(parts[partIndex], partIndex, after: lastVersion, excerpt)
        self.ahead = ahead
        let stretch = ahead.next(helpedBy: helpers)
        if let failure = stretch.failure {
            self.failure = failure
            throw .sourceFailed
        }
        documents = stretch.documents
        documentIndex = 0
        lastVersion = stretch.lastVersion
        isPartDone = stretch.isLast
    }

    mutating func document(at position: DocumentPosition) throws(QueryError) -> SourceDocument? {
        let index = Int(position.partition)
        guard parts.indices.contains(index) else { return nil }
        let found = try reading { (source) throws(EngineError) in
            try source.parts[index].snapshot.itemText(position.version, source.excerpt)
        }
        guard let found else { return nil }
        return try sourceDocument(found, partIndex: index)
    }

    mutating func appendText(at position: DocumentPosition, to rows: inout [UInt8]) throws(QueryError) {
        guard parts.indices.contains(Int(position.partition)) else { throw unreadable() }
        try appendText(of: position.version, from: parts[Int(position.partition)].snapshot, to: &rows)
    }

    mutating func count() throws(QueryError) -> Int? {
        var count = 0
        for part in parts {
            // What the index named has to be looked at, for it may be of another scope.
            guard part.candidates == nil else { return nil }
            count += try reading { (_) throws(EngineError) in try part.snapshot.count(part.scope) }
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
        func take(_ item: ItemText) -> Bool {
            items.append(item)
            byteCount += item.text.count
            return items.count < countMax && byteCount < Self.readyBytesMax
        }
        isPartDone = try reading { (source) throws(EngineError) in
            guard let candidates = part.candidates else {
                return try part.snapshot.scanTexts(part.scope, after: source.lastVersion, source.excerpt, take)
            }
            let next = candidates[candidates.firstIndex(after: source.lastVersion)...]
            return try part.snapshot.scanTexts(part.scope, of: next, source.excerpt, take)
        }
        if let last = items.last { lastVersion = last.version }
        ready = items
        readyCountMax = min(readyCountMax * 4, Self.readyCountLast)
    }
}
