internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryQuery

/// One page of a query over some ranges: decides how its items are found, and runs it over them.
///
/// Every way answers the same rows. Which is taken depends on what the index can tell and on what each would cost: in
/// items to be read, for that is what takes the time.
struct QueryWork {
    /// One range's part.
    struct Part {
        let snapshot: PartitionSnapshot
        let scope: PartitionSnapshot.Scope

        /// Whether it is the whole range.
        var isWhole: Bool {
            if case .all = scope { true } else { false }
        }
    }

    /// A page, and how its items were found.
    struct Answer {
        var page: QueryPage
        /// Nil where nobody asks.
        let access: QueryExplanation.Access?
    }

    let query: PreparedQuery
    let options: QueryPageOptions
    let selection: IndexSelection
    /// Threads that help with long scans; nil for none.
    let helpers: WorkerPool?
    private(set) var parts: [Part] = []
    private(set) var progress: [PartitionProgress] = []
    let testedParts = TestedParts()

    /// - Parameter selection: what the container's policy has indexed.
    init(
        _ query: PreparedQuery, options: QueryPageOptions, _ selection: IndexSelection, helpers: WorkerPool?
    ) throws(DatabaseError) {
        self.query = query
        self.options = options
        self.selection = selection
        self.helpers = helpers
    }

    mutating func add(_ snapshot: PartitionSnapshot, _ scope: PartitionSnapshot.Scope, rangeNumber: UInt64) {
        parts.append(Part(snapshot: snapshot, scope: scope))
        progress.append(PartitionProgress(rangeNumber, snapshot))
    }

    /// What an index can tell of the query's items.
    var demand: IndexDemand { query.demand }

    func answer() throws(DatabaseError) -> Answer {
        try checkBrevity()
        if let answer = try aggregatedAnswer() { return answer }
        if let answer = try valuesAnswer() { return answer }
        if let answer = try orderedAnswer() { return answer }
        if let answer = try verbatimAnswer() { return answer }
        return try plainAnswer()
    }

    /// What the index is asked for. Made where it is needed: the ways that are tried first do without it.
    var condition: IndexCondition? { IndexCondition(demand.condition, composites: selection.composites) }

    /// What the query reads of items; nil for all.
    private var excerpt: JSONExcerpt? { demand.membersRead.map { JSONExcerpt(names: $0) } }

    // MARK: Ordered items

    /// Rows of a page that does not say how many it wants.
    private static var rowsWantedDefault: Int { 100 }

    var rowsWanted: Int {
        min(options.rowCountMax ?? Self.rowsWantedDefault, demand.rowCountMax ?? .max)
    }

    private func orderedAnswer() throws(DatabaseError) -> Answer? {
        let order = query.demand.order
        guard let first = order.first else { return nil }
        let resume = try Self.running { () throws(QueryError) in try query.resumePlace(options) }
        guard let access = OrderPlanner(query.demand, order, selection, resume: resume).access() else { return nil }
        try checkBrevity(ofWalk: access)
        guard let candidates = try candidates(for: access) else { return nil }
        let walk = try Self.reading { () throws(EngineError) in
            try OrderedWalk(
                parts.map(\.snapshot), by: access.index, within: access.values, isDescending: access.isReversed,
                // Places with more items than this are not walked through: the query is given up.
                includesMissing: access.includesMissing, placeItemsMax: lookupLimit)
        }
        guard let walk else { return nil }
        var documents = OrderedDocuments(
            parts, candidates, access, walk, descendsInTies: first.isDescending,
            givesTexts: query.demand.isOrderVerbatim && access.decidesFilter, rowsWanted: rowsWanted, excerpt)
        let page = try page(over: &documents) { (source) throws(QueryError) in
            try query.page(ordered: &source, options: options)
        }
        return Answer(
            page: page,
            access: explained {
                QueryExplanation.Access(
                    method: .indexWalk, index: access.text(order),
                    condition: demand.condition?.text, estimatedRows: rowsWanted,
                    actualRows: documents.postingCount)
            })
    }

    /// What each part may give where the index is walked in order, nil for a part of which anything may come, and
    /// nothing where anything may come of all; nil where there are so few that it costs less to read and to sort them.
    private func candidates(for access: OrderedAccess) throws(DatabaseError) -> [[UInt64]?]? {
        // The walk comes to nothing else.
        let isWhole = !parts.isEmpty && parts.allSatisfy(\.isWhole)
        if isWhole, access.coversCondition, options.isBrief || !demand.hasFilter || demand.isFilterExact { return [] }
        let condition = access.coversCondition ? nil : condition
        var lists: [[UInt64]?] = []
        // A part of which nothing is known counts as endless.
        var estimates: [Int] = []
        for (number, part) in parts.enumerated() {
            var (list, estimate) = try Self.reading { () throws(EngineError) in
                let list = try part.snapshot.versions(in: part.scope)
                let estimate = try condition.flatMap { condition throws(EngineError) in
                    try part.snapshot.estimate(condition, limit: listLimit)
                }
                return (list, min(estimate ?? .max, list?.count ?? .max))
            }
            if estimate == .max, let tested = try tested(number, rowsWanted: rowsWanted) {
                list = tested.versions
                estimate = tested.versions.count
            }
            lists.append(list)
            estimates.append(estimate)
        }
        return try Self.reading { () throws(EngineError) in
            let count = estimates.contains(.max) ? .max : estimates.reduce(0, +)
            if try areReadSooner(count, than: access) { return nil }
            if let condition {
                for (index, part) in parts.enumerated() where estimates[index] < lists[index]?.count ?? .max {
                    lists[index] = try part.snapshot.candidates(condition, in: part.scope, limit: listLimit)
                        ?? lists[index]
                }
            }
            return lists.contains { $0 != nil } ? lists : []
        }
    }

    /// The most versions of a list that a walk passes by what is not in it: nothing of it is read before.
    private var listLimit: Int { options.isBrief ? Self.briefListMax : .max }
    private static var briefListMax: Int { 16_384 }

    /// To read an item and to put it in its place takes about as long as to walk past so many others.
    private static var walkedPerItem: Double { 32 }

    /// Whether so many items are read and sorted sooner than a walk comes to those of them that are wanted, which stand
    /// anywhere between the others.
    private func areReadSooner(_ count: Int, than access: OrderedAccess) throws(EngineError) -> Bool {
        let rowsWanted = min(rowsWanted, 1 << 20)
        if count <= max(32, 2 * rowsWanted) { return true }
        let share = Double(rowsWanted) / Double(count)
        func isSooner(than walkedCount: Int) -> Bool {
            Double(count) * Self.walkedPerItem <= Double(walkedCount) * share
        }
        guard isSooner(than: parts.reduce(0) { $0 + $1.snapshot.itemCount }) else { return false }
        guard let walked = access.condition else { return false }
        var walkedCount = 0
        for part in parts { walkedCount += try part.snapshot.estimate(walked) ?? part.snapshot.itemCount }
        return isSooner(than: walkedCount)
    }

    // MARK: Items by themselves

    /// The most items that are taken by the index alone: their versions are listed whole for each page.
    private static var verbatimItemsMax: Int { 4096 }
    /// So many are taken, however few the scope has.
    private static var verbatimItemsMin: Int { 64 }

    /// Rows that are items as they stand, and that the index alone decides: they need not be parsed.
    private func verbatimAnswer() throws(DatabaseError) -> Answer? {
        guard demand.isVerbatim, let exact = IndexCondition(demand.exactCondition) else { return nil }
        let found = try Self.reading { () throws(EngineError) in
            var found: [PartitionTexts.Part] = []
            for part in parts {
                // Items that the index names and that are not in the scope are read for nothing.
                let scopeCount = try part.snapshot.versionCount(in: part.scope, limit: Self.verbatimItemsMax) ?? .max
                let limit = min(lookupLimit, Self.verbatimItemsMax, max(Self.verbatimItemsMin, scopeCount))
                guard let versions = try part.snapshot.exactVersions(exact, limit: limit) else {
                    return [PartitionTexts.Part]?.none
                }
                found.append(
                    PartitionTexts.Part(snapshot: part.snapshot, scope: part.scope, versions: versions))
            }
            return found
        }
        guard let found else { return nil }
        var documents = PartitionTexts(found)
        let page = try page(over: &documents) { (source) throws(QueryError) in
            try query.page(verbatim: &source, options: options)
        }
        return Answer(
            page: page,
            access: explained {
                QueryExplanation.Access(
                    method: .indexLookup, condition: demand.exactCondition.text,
                    estimatedRows: parts.reduce(0) { $0 + estimate($1) },
                    actualRows: found.reduce(0) { $0 + $1.versions.count })
            })
    }

    private func plainAnswer() throws(DatabaseError) -> Answer {
        var found: [PartitionDocuments.Part] = []
        var namedCount: Int? = 0
        var testedPath: DocumentPath?
        let condition = condition
        let position = options.continuation == nil
            ? nil : try Self.running { () throws(QueryError) in try query.resumePosition(options) }
        for (number, part) in parts.enumerated() {
            // What the pages before have passed is not looked up again.
            var after: UInt64 = 0
            if let position, number <= position.partition {
                after = number < position.partition ? .max : max(1, position.version) - 1
            }
            var candidates = try condition.flatMap { condition throws(DatabaseError) in
                try Self.reading { () throws(EngineError) in
                    try part.snapshot.candidates(condition, in: part.scope, after: after, limit: lookupLimit)
                }
            }
            if candidates == nil {
                try checkBrevity(ofScan: part)
                let tested = after == .max ? nil : try tested(number, rowsWanted: query.streams ? rowsWanted : nil)
                testedPath = tested?.path ?? testedPath
                candidates = tested?.versions
            }
            namedCount = candidates.flatMap { list in namedCount.map { $0 + list.count } }
            found.append(
                PartitionDocuments.Part(snapshot: part.snapshot, scope: part.scope, candidates: candidates))
        }
        if let namedCount { try checkBrevity(ofNamed: namedCount) }
        // Without a filter a page is full before long.
        let isLong = !options.isBrief && (demand.hasFilter || !query.streams)
        var documents = PartitionDocuments(
            found, excerpt, helpers: isLong ? helpers : nil, mayEndEarly: query.streams)
        let page = try page(over: &documents) { (source) throws(QueryError) in
            try query.page(over: &source, options: options)
        }
        return Answer(
            page: page,
            access: explained {
                if let testedPath, let namedCount {
                    return QueryExplanation.Access(
                        method: .indexScan, index: testedPath.policyText, actualRows: namedCount)
                }
                return QueryExplanation.Access(
                    method: namedCount == nil ? .scan : .indexLookup,
                    condition: namedCount.flatMap { _ in demand.condition?.text },
                    estimatedRows: parts.reduce(0) { $0 + estimate($1) },
                    actualRows: namedCount ?? page.metrics.retrievedDocumentCount)
            })
    }

    /// How many items of a part were expected to be read.
    private func estimate(_ part: Part) -> Int {
        let named = condition.flatMap { try? part.snapshot.estimate($0) }
        return named ?? part.snapshot.itemCount
    }

    func explained(_ access: () -> QueryExplanation.Access) -> QueryExplanation.Access? {
        query.isExplained ? access() : nil
    }

    static func reading<Result>(
        _ body: () throws(EngineError) -> Result
    ) throws(DatabaseError) -> Result {
        do throws(EngineError) { return try body() } catch { throw DatabaseError(error) }
    }

    static func running<Result>(
        _ body: () throws(QueryError) -> Result
    ) throws(DatabaseError) -> Result {
        do throws(QueryError) { return try body() } catch { throw .badQuery(error) }
    }
}
