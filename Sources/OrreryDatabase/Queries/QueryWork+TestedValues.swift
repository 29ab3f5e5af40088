internal import OrreryEngine
internal import OrreryQuery

/// Filters that no range of an index stands for, like `CONTAINS(c.city, 'x')`: where a path has few values, all of them
/// are tested, and only items that have one that passes are read.
extension QueryWork {
    /// What tests told of one part.
    struct Tested {
        /// The versions for which the filter may be true, ascending.
        let versions: [UInt64]
        /// The path whose values were tested.
        let path: DocumentPath
    }

    /// Looks for the items of a part by the values of a path; nil where no term of the filter reads one path alone,
    /// where its values are many, or where they name so many items that reading all costs less. A brief page reads its
    /// handful first, which may be all that it needs.
    func tested(_ part: Part) throws(DatabaseError) -> Tested? {
        guard !options.isBrief, demand.hasFilter, part.isWhole else { return nil }
        for var test in try Self.running({ () throws(QueryError) in try query.valueTests(options) }) {
            guard let path = IndexPath(test.path), selection.covers(path), areFewValues(of: path, in: part) else {
                continue
            }
            let versions = try Self.reading { () throws(EngineError) in
                try part.snapshot.versions(passing: &test, at: path)
            }
            if let versions { return Tested(versions: versions, path: test.path) }
        }
        return nil
    }
}

extension PartitionSnapshot {
    /// The versions whose value of a path may pass a test, ascending; nil where these are a large share of all, or
    /// where the test cannot tell.
    fileprivate func versions(passing test: inout ValueTest, at path: IndexPath) throws(EngineError) -> [UInt64]? {
        // What lacks the path is nowhere in its index.
        guard test.mayHold(.undefined) == false else { return nil }
        let countMax = itemCount / 4
        guard var found = try versions(besideStringsPassing: &test, at: path, limit: countMax) else { return nil }
        guard
            let walk = try OrderedWalk(
                [self], by: .path(path), within: IndexValue.strings, isDescending: false, includesMissing: false)
        else { return nil }
        var items: [WalkedItem] = []
        while try walk.next(into: &items) {
            // Of a long string only the beginning is known.
            if let scalar = walk.component {
                guard let mayHold = test.mayHold(OrderPlace(scalar)) else { return nil }
                if !mayHold { continue }
            }
            for item in items { found.append(item.version) }
            if found.count > countMax { return nil }
        }
        return found.sorted()
    }

    /// The same of all values but strings: numbers, arrays and objects have to be read.
    private func versions(
        besideStringsPassing test: inout ValueTest, at path: IndexPath, limit: Int
    ) throws(EngineError) -> [UInt64]? {
        var ranges = [IndexValue.numbers, IndexValue.containers]
        for value in [PathValue.null, .boolean(false), .boolean(true)] {
            let place = IndexValue(value)
            guard let scalar = place.scalar, let mayHold = test.mayHold(OrderPlace(scalar)) else { return nil }
            if mayHold { ranges.append(place...place) }
        }
        return try candidates(.any(ranges.map { .range(path, $0) }), in: .all, limit: limit)
    }
}

extension IndexValue {
    fileprivate static var numbers: ClosedRange<IndexValue> {
        IndexValue(number: -.infinity)...IndexValue(number: .infinity)
    }

    fileprivate static var strings: ClosedRange<IndexValue> {
        IndexValue(string: [])...IndexValue(lastStringBeginningWith: [])
    }
}
