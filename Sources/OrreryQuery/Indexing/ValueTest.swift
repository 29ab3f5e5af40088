/// The terms of a filter that read one path of the documents and nothing else: whether they may be true of a document
/// is told by the path's value. So an index's values can be tested rather than all documents: `CONTAINS(c.city, 'x')`.
public struct ValueTest {
    /// Properties only.
    public let path: DocumentPath
    private let names: [String]
    private let slot: Int
    private var terms: [PhysicalExpression] = []
    private var executor: QueryExecutor
    private var valueCount = 0

    /// Values between two looks at the clock.
    private static let valuesPerLook = 16
    /// Of a page's time it may take this part.
    private static let pageShare = 4

    fileprivate init(path: DocumentPath, slot: Int, executor: QueryExecutor) {
        self.path = path
        names = path.steps.compactMap { step in
            if case .property(let name) = step { String(decoding: name, as: UTF8.self) } else { nil }
        }
        self.slot = slot
        self.executor = executor
    }

    fileprivate mutating func add(_ term: PhysicalExpression) { terms.append(term) }

    /// Whether the terms may be true of documents that have this value there.
    /// - Parameter place: undefined, null, a boolean or a string. Of a number an index does not know how it is written,
    ///   of an array or object not what it is.
    /// - Returns: nil where a term could not be evaluated, or not in time.
    public mutating func mayHold(_ place: OrderPlace) -> Bool? {
        let value: Value
        switch place {
        case .undefined: value = .undefined
        case .null: value = .null
        case .boolean(let flag): value = .boolean(flag)
        case .string(let utf8): value = .string(String(decoding: utf8, as: UTF8.self))
        case .number, .stringPrefix, .array, .object: return true
        }
        executor.evaluator.slots[slot] = names.reversed().reduce(value) { member, name in
            .object(unchecked: [ComputedMember(name: name, value: member)])
        }
        executor.evaluator.context.expansionCount = 0
        valueCount += 1
        if valueCount % Self.valuesPerLook == 0,
            executor.elapsedMilliseconds > executor.limits.pageMilliseconds / Self.pageShare
        {
            return nil
        }
        do throws(QueryError) {
            // What it is about is a string's size at the least.
            try executor.evaluator.context.spend(value.weightBytes)
            for term in terms where try !executor.evaluator.evaluate(term).isTrue { return false }
            return true
        } catch {
            return nil
        }
    }
}

extension PreparedQuery {
    /// For each is another walk over an index.
    private static let testedPathsMax = 4

    /// The terms of the filter, under the AND at its top, that an index's values can be tested with, other than those
    /// that it decides by itself: those of the first few paths, each path's together.
    public func valueTests(_ options: QueryPageOptions) throws(QueryError) -> [ValueTest] {
        let bound = query.folded
        guard case .documents(let slot) = bound.root, let filter = bound.filter else { return [] }
        let exactPlanner = ExactConditionPlanner(slot: slot)
        let planner = PhysicalPlanner(limits: query.limits, passes: Optimizer.Pass.allCases)
        var tests: [ValueTest] = []
        for term in filter.conjuncts where exactPlanner.condition(term) == nil {
            guard let path = term.onlyPath(documents: slot) else { continue }
            var index = tests.firstIndex { $0.path == path }
            if index == nil, tests.count < Self.testedPathsMax {
                index = tests.count
                let executor = try query.executor(shared, options: options)
                tests.append(ValueTest(path: path, slot: slot, executor: executor))
            }
            if let index { tests[index].add(try planner.compile(term)) }
        }
        return tests
    }
}
