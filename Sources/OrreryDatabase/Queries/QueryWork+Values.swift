internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryQuery

/// Queries that the index answers from values: aggregates, and groups and distinct rows of one path.
extension QueryWork {
    /// What the filter leaves of one part, as the index alone decides it.
    struct Matches {
        let snapshot: PartitionSnapshot
        /// Ascending; nil for all.
        let versions: [UInt64]?
        /// Versions whose time is over, ascending.
        let ended: [UInt64]

        var areAll: Bool { versions == nil && ended.isEmpty }

        func holds(_ version: UInt64) -> Bool {
            versions.map { $0.holds(version) } ?? !ended.holds(version)
        }
    }

    /// What the filter leaves; nil where the index cannot tell.
    private func matches() throws(DatabaseError) -> [Matches]? {
        let condition = demand.exactCondition.conjuncts.isEmpty
            ? nil : IndexCondition(demand.exactCondition)
        if condition == nil, !demand.exactCondition.conjuncts.isEmpty { return nil }
        return try Self.reading { () throws(EngineError) in
            var matches: [Matches] = []
            for part in parts {
                // A part of a range is not told apart in the index.
                guard case .all = part.scope, let ended = try part.snapshot.endedVersions() else { return nil }
                var versions: [UInt64]?
                if let condition {
                    versions = try part.snapshot.exactVersions(condition)
                    if versions == nil { return nil }
                }
                matches.append(Matches(snapshot: part.snapshot, versions: versions, ended: ended))
            }
            return matches
        }
    }

    // MARK: Aggregates

    func aggregatedAnswer() throws(DatabaseError) -> Answer? {
        guard let aggregates = demand.aggregates, demand.isFilterExact else { return nil }
        let isOnlyCount = aggregates.allSatisfy { $0 == .documentCount }
        if isOnlyCount {
            // Without a filter the items are counted without the index.
            if demand.exactCondition.conjuncts.isEmpty { return nil }
            guard let count = try count(demand.exactCondition, isBrief: options.isBrief) else {
                if options.isBrief { throw .badQuery(.notBrief) }
                return nil
            }
            return try answer(aggregates.map { _ in .count(count) }, count)
        }
        if options.isBrief { throw .badQuery(.notBrief) }
        guard let matches = try matches() else { return nil }
        var results: [PreparedQuery.AggregateResult] = []
        for aggregate in aggregates {
            guard let result = try result(of: aggregate, matches) else { return nil }
            results.append(result)
        }
        return try answer(results, matches.reduce(0) { $0 + ($1.versions?.count ?? $1.snapshot.itemCount) })
    }

    private func answer(
        _ results: [PreparedQuery.AggregateResult], _ itemCount: Int
    ) throws(DatabaseError) -> Answer {
        let page = try Self.running { () throws(QueryError) in
            try query.page(aggregates: results, options: options)
        }
        let condition = demand.exactCondition
        return Answer(
            page: page,
            access: explained {
                QueryExplanation.Access(
                    method: .indexAggregate, condition: condition.conjuncts.isEmpty ? nil : condition.text,
                    actualRows: itemCount)
            })
    }

    /// How many items satisfy a condition; nil where the index cannot tell.
    private func count(_ condition: PathCondition, isBrief: Bool = false) throws(DatabaseError) -> Int? {
        guard let condition = IndexCondition(condition) else { return nil }
        return try Self.reading { () throws(EngineError) in
            var total = 0
            for part in parts {
                guard case .all = part.scope, let count = try part.snapshot.count(condition, isBrief: isBrief)
                else { return nil }
                total += count
            }
            return total
        }
    }

    private func result(
        of aggregate: IndexDemand.Aggregate, _ matches: [Matches]
    ) throws(DatabaseError) -> PreparedQuery.AggregateResult? {
        switch aggregate {
        case .documentCount:
            return .count(
                matches.reduce(0) { $0 + ($1.versions?.count ?? $1.snapshot.itemCount - $1.ended.count) })
        case .count(let path):
            let parts = demand.exactCondition.conjuncts + [.isDefined(path)]
            return try count(.all(parts)).map { .count($0) }
        case .least(let path): return try extreme(of: path, atEnd: false, matches)
        case .greatest(let path): return try extreme(of: path, atEnd: true, matches)
        }
    }

    /// The least or the greatest value, read from the first item that has it.
    private func extreme(
        of path: DocumentPath, atEnd: Bool, _ matches: [Matches]
    ) throws(DatabaseError) -> PreparedQuery.AggregateResult? {
        guard let indexed = IndexPath(path), isWorthWalking(matches) else { return nil }
        let bounds = demand.exactCondition.conjuncts.compactMap { $0.range(on: path) }
        var values: ClosedRange<IndexValue>? = .first...(.last)
        for range in bounds { values = values?.meet(range) }
        guard let values else { return .nothing }
        let found = try Self.reading { () throws(EngineError) -> WalkedItem?? in
            if let containers = values.meet(IndexValue.containers) {
                guard let spoiling = try first(of: indexed, within: containers, atEnd: false, matches) else {
                    return nil
                }
                if spoiling != nil { return .some(nil) }
            }
            return try first(of: indexed, within: values, atEnd: atEnd, matches)
        }
        guard let found else { return nil }
        guard let item = found else { return .nothing }
        let text = try Self.reading { () throws(EngineError) in
            try matches[item.snapshot].snapshot.itemText(item.version)?.text
        }
        guard let text, let document = try? JSONDocument(parsing: text) else { return nil }
        return document.root.value(at: indexed).map { .value($0) }
    }

    /// Few items are read sooner than a walk comes to one of them.
    private func isWorthWalking(_ matches: [Matches]) -> Bool {
        let (found, all) = counts(matches)
        return found > 1 << 20 || found * found * 60 >= all
    }

    /// Few items are read sooner than walks pass all that there are.
    private func areWorthWalking(_ walkCount: Int, through matches: [Matches]) -> Bool {
        let (found, all) = counts(matches)
        return found * 100 >= all * walkCount
    }

    /// How many items the filter leaves, and how many there are.
    private func counts(_ matches: [Matches]) -> (found: Int, all: Int) {
        let found = matches.reduce(0) { $0 + ($1.versions?.count ?? $1.snapshot.itemCount) }
        return (found, matches.reduce(0) { $0 + $1.snapshot.itemCount })
    }

    /// The first item in a walk that the filter leaves, of several at one place the oldest version; nil for the outer
    /// where a partition lacks the index, or where strings are cut and have to be compared whole.
    private func first(
        of path: IndexPath, within values: ClosedRange<IndexValue>, atEnd: Bool, _ matches: [Matches]
    ) throws(EngineError) -> WalkedItem?? {
        guard
            let walk = try OrderedWalk(
                matches.map(\.snapshot), by: .path(path), within: values, isDescending: atEnd, includesMissing: false)
        else { return nil }
        var items: [WalkedItem] = []
        while try walk.next(into: &items) {
            guard let item = items.first(where: { matches[$0.snapshot].holds($0.version) }) else { continue }
            if let value = walk.value, value.isShared, !IndexValue.containers.contains(value) { return nil }
            return .some(item)
        }
        return .some(nil)
    }

    // MARK: Groups and distinct rows

    /// Runs the query over one item for each value of the path that it reads, or for each combination of several.
    func valuesAnswer() throws(DatabaseError) -> Answer? {
        let paths = demand.valuePaths.compactMap { IndexPath($0) }
        guard !paths.isEmpty, paths.count == demand.valuePaths.count,
            paths.allSatisfy({ selection.covers($0) && areFewValues(of: $0) }), let matches = try matches(),
            areWorthWalking(paths.count, through: matches), let items = try representatives(of: paths, matches)
        else { return nil }
        var documents = RepresentativeDocuments(matches.map(\.snapshot), items)
        let page = try page(over: &documents) { (source) throws(QueryError) in
            try query.page(over: &source, options: options)
        }
        let condition = demand.exactCondition
        return Answer(
            page: page,
            access: explained {
                QueryExplanation.Access(
                    method: .indexValues, index: demand.valuePaths.map(\.policyText).joined(separator: ", "),
                    condition: condition.conjuncts.isEmpty ? nil : condition.text,
                    // Of combinations there may be more.
                    estimatedRows: paths.map { path in
                        parts.reduce(0) { $0 + $1.snapshot.valueCounts(of: path).values }
                    }.max(),
                    actualRows: items.count)
            })
    }

    /// Above this share of the items one for each value costs more than all of them in their order.
    private static var valuesShareMax: Int { 4 }

    private func areFewValues(of path: IndexPath) -> Bool { parts.allSatisfy { areFewValues(of: path, in: $0) } }

    func areFewValues(of path: IndexPath, in part: Part) -> Bool {
        let counts = part.snapshot.valueCounts(of: path)
        return counts.values <= max(1000, counts.items / Self.valuesShareMax)
    }

    /// One item for each combination of values that the filter leaves, with how many it stands for; nil where these
    /// turn out many.
    private func representatives(
        of paths: [IndexPath], _ matches: [Matches]
    ) throws(DatabaseError) -> [RepresentativeDocuments.Representative]? {
        let countMax = max(1000, matches.reduce(0) { $0 + $1.snapshot.itemCount } / Self.valuesShareMax)
        guard var groups = ItemGroups(matches, pathCount: paths.count, countMax: countMax) else { return nil }
        return try Self.reading { () throws(EngineError) in
            for path in paths {
                guard
                    let walk = try OrderedWalk(
                        matches.map(\.snapshot), by: .path(path), within: .first...(.last), isDescending: false,
                        includesMissing: true)
                else { return nil }
                groups.beginPath()
                var items: [WalkedItem] = []
                while try walk.next(into: &items) {
                    let areAlike = !walk.mayDiffer && !(demand.tellsNumbersApart && walk.isAtNumber)
                    guard groups.add(items, areAlike: areAlike) else { return nil }
                }
            }
            return groups.representatives
        }
    }
}

extension IndexValue {
    /// Where arrays and objects are.
    static var containers: ClosedRange<IndexValue> { IndexValue(PathValue.array)...IndexValue(PathValue.object) }
}
