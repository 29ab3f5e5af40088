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

    /// The tests of a page, which all of its parts have the same time for, and what they told. One thread has it.
    final class TestedParts {
        fileprivate var tests: [ValueTest]?
        fileprivate var known: [Int: Tested?] = [:]
    }

    /// Looks for the items of a part by the values of a path; nil where no term of the filter reads one path alone,
    /// where its values are many, or where they name so many items that reading them in their order costs less. A brief
    /// page reads its handful first, which may be all that it needs.
    /// - Parameters:
    ///   - number: the part's.
    ///   - rowsWanted: how many rows fill the page; nil where all are needed for it.
    func tested(_ number: Int, rowsWanted: Int?) throws(DatabaseError) -> Tested? {
        let part = parts[number]
        guard !options.isBrief, demand.hasFilter, part.isWhole else { return nil }
        if let known = testedParts.known[number] { return known }
        var tests = try valueTests()
        defer { testedParts.tests = tests }
        var found: Tested?
        for index in tests.indices {
            guard let path = IndexPath(tests[index].path), selection.covers(path), areFewValues(of: path, in: part)
            else { continue }
            let versions = try Self.reading { () throws(EngineError) in
                try part.snapshot.versions(passing: &tests[index], at: path, rowsWanted: rowsWanted)
            }
            if let versions {
                found = Tested(versions: versions, path: tests[index].path)
                break
            }
        }
        testedParts.known[number] = .some(found)
        return found
    }

    private func valueTests() throws(DatabaseError) -> [ValueTest] {
        if let tests = testedParts.tests { return tests }
        return try Self.running { () throws(QueryError) in try query.valueTests(options) }
    }
}

extension PartitionSnapshot {
    /// Values after which it is first looked whether tests are worth going on with; then after twice as many.
    private static var sampledValues: Int { 64 }
    /// Where so small a part of the items is enough for a page, they are read sooner than all values are tested.
    private static var readShare: Int { 32 }

    /// The versions whose value of a path may pass a test, ascending; nil where these are a large share of all, where
    /// a page is full sooner without them, or where the test cannot tell.
    /// - Parameter rowsWanted: see above.
    fileprivate func versions(
        passing test: inout ValueTest, at path: IndexPath, rowsWanted: Int?
    ) throws(EngineError) -> [UInt64]? {
        // What lacks the path is nowhere in its index.
        guard test.mayHold(.undefined) == false else { return nil }
        let countMax = itemCount / 4
        guard var found = try versions(besideStringsPassing: &test, at: path, limit: countMax) else { return nil }
        guard
            let walk = try OrderedWalk(
                [self], by: .path(path), within: IndexValue.strings, isDescending: false, includesMissing: false)
        else { return nil }
        var items: [WalkedItem] = []
        var (valueCount, seenCount, lookAt) = (0, found.count, Self.sampledValues)
        while try walk.next(into: &items) {
            valueCount += 1
            seenCount += items.count
            if let rowsWanted, valueCount == lookAt {
                lookAt *= 2
                // As many are read as rows are wanted, times how many have to be read for one.
                let readCount = Double(rowsWanted) * Double(seenCount) / Double(found.count)
                if readCount < Double(itemCount / Self.readShare) { return nil }
            }
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
