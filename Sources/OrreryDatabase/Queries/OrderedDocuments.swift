internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryQuery

/// The documents of some partitions in the order of an index, read as the query asks for them.
struct OrderedDocuments: OrderedDocumentSource, FailingSource {
    private let parts: [QueryWork.Part]
    /// The versions of each part that may be given, ascending; nil for all. Empty where all of all parts may be given.
    private let candidates: [[UInt64]?]
    private let access: OrderedAccess
    /// Whether ties run from the greatest number down.
    private let descendsInTies: Bool
    private let givesTexts: Bool
    private let excerpt: JSONExcerpt?
    private var walk: WalkAhead
    /// The items of one place, and those of them that are the group.
    private var items: [WalkedItem] = []
    private var groupEnd = 0
    private var index = 0
    private var isFirstPlace = true
    var failure: DatabaseError?
    /// How many postings were passed.
    var postingCount: Int { walk.postingCount }

    /// A place with more items than this is given in several groups where they differ in nothing but their numbers.
    private static let groupItemsMax = 32

    /// - Parameters:
    ///   - candidates: the versions of each part that may be given, ascending; nil for all. Empty for all of all.
    ///   - walk: one over the parts' snapshots.
    ///   - givesTexts: whether items are rows as they stand, and all that the walk comes to satisfy the filter.
    ///   - rowsWanted: about how many will be read.
    ///   - excerpt: what the query reads of items; nil for all.
    init(
        _ parts: [QueryWork.Part], _ candidates: [[UInt64]?], _ access: OrderedAccess, _ walk: OrderedWalk,
        descendsInTies: Bool, givesTexts: Bool, rowsWanted: Int, _ excerpt: JSONExcerpt?
    ) {
        self.parts = parts
        self.candidates = candidates
        self.access = access
        self.descendsInTies = descendsInTies
        self.givesTexts = givesTexts
        self.excerpt = excerpt
        // What a filter drops need not be fetched.
        self.walk = WalkAhead(walk, itemsMax: givesTexts && candidates.isEmpty ? rowsWanted : 1)
    }

    mutating func nextGroup() throws(QueryError) -> Bool {
        index = groupEnd
        while index >= items.count {
            index = 0
            groupEnd = 0
            guard try reading({ (source) throws(EngineError) in try source.walk.next(into: &source.items) }) else {
                if walk.isGivenUp { throw .notBrief }
                return false
            }
            if !candidates.isEmpty {
                items.removeAll { item in candidates[item.snapshot].map { !$0.holds(item.version) } ?? false }
            }
            if items.count > 1 { try reading { (source) throws(EngineError) in try source.sortByNumber() } }
            isFirstPlace = false
        }
        groupEnd = items.count
        if groupEnd - index > Self.groupItemsMax, !walk.mayDiffer { groupEnd = index + Self.groupItemsMax }
        return true
    }

    /// Puts the items of one value into the order of their numbers, without those that the page before returned: where
    /// they are many, or are given by their texts, which nobody sorts any more.
    private mutating func sortByNumber() throws(EngineError) {
        guard !walk.mayDiffer, items.count > (givesTexts ? 1 : Self.groupItemsMax) else { return }
        let done = isFirstPlace && walk.firstValue == access.resume?.value ? access.resume?.resourceNumber : nil
        var numbered: [(number: UInt64, item: WalkedItem)] = []
        numbered.reserveCapacity(items.count)
        for item in items {
            guard let number = try parts[item.snapshot].snapshot.documentNumber(of: item.version) else { continue }
            // The last item returned comes again: it may have more rows.
            if let done, descendsInTies ? number > done : number < done { continue }
            numbered.append((number, item))
        }
        numbered.sort { descendsInTies ? $0.number > $1.number : $0.number < $1.number }
        items = numbered.map(\.item)
    }

    mutating func next() throws(QueryError) -> SourceDocument? {
        while index < groupEnd {
            let item = items[index]
            index += 1
            if let found = try document(item) { return found }
        }
        return nil
    }

    var groupPlace: OrderPlace? { givesTexts ? walk.order : nil }

    mutating func appendNextText(to rows: inout [UInt8]) throws(QueryError) -> UInt64? {
        while index < groupEnd {
            let item = items[index]
            index += 1
            let number = try reading { (source) throws(EngineError) in
                // The part is not copied, which would count references for each row.
                try source.parts[item.snapshot].snapshot.appendText(
                    of: item.version, in: source.parts[item.snapshot].scope, to: &rows)
            }
            if let number { return number }
        }
        return nil
    }

    mutating func document(at position: DocumentPosition) throws(QueryError) -> SourceDocument? {
        guard parts.indices.contains(Int(position.partition)) else { return nil }
        return try document(WalkedItem(snapshot: Int(position.partition), version: position.version))
    }

    mutating func appendText(at position: DocumentPosition, to rows: inout [UInt8]) throws(QueryError) {
        guard parts.indices.contains(Int(position.partition)) else { throw unreadable() }
        try appendText(of: position.version, from: parts[Int(position.partition)].snapshot, to: &rows)
    }

    private mutating func found(_ item: WalkedItem) throws(QueryError) -> ItemText? {
        let (part, excerpt) = (parts[item.snapshot], excerpt)
        return try reading { (_) throws(EngineError) in
            try part.snapshot.itemText(item.version, in: part.scope, excerpt)
        }
    }

    private mutating func document(_ item: WalkedItem) throws(QueryError) -> SourceDocument? {
        guard let found = try found(item) else { return nil }
        return try sourceDocument(found, partIndex: item.snapshot)
    }

    /// The order is the index's own: a page goes on behind a value, not at a position.
    mutating func seek(to position: DocumentPosition) throws(QueryError) {}
}
