/// Questions that an index answers from values alone, without most documents, or without any.
extension IndexDemand {
    /// One aggregate over all documents of the query.
    public enum Aggregate: Sendable, Hashable {
        /// How many documents there are.
        case documentCount
        /// How many have a path.
        case count(DocumentPath)
        /// The least value of a path, and the greatest; nothing where one of the values is an array or object.
        case least(DocumentPath)
        case greatest(DocumentPath)
    }

    /// The aggregates of a query that asks for nothing else; nil where an index cannot answer one of them.
    static func aggregates(of query: BoundQuery, _ slot: Int) -> [Aggregate]? {
        guard query.sources.isEmpty, query.groupKeys.isEmpty, !query.aggregates.isEmpty, !query.isDistinct,
            query.limit == nil, query.offset == 0
        else { return nil }
        var aggregates: [Aggregate] = []
        for each in query.aggregates {
            guard let aggregate = aggregate(each, slot) else { return nil }
            aggregates.append(aggregate)
        }
        return aggregates
    }

    private static func aggregate(_ aggregate: BoundAggregate, _ slot: Int) -> Aggregate? {
        if aggregate.kind == .count {
            if case .constant(let value) = aggregate.argument, !value.isUndefined { return .documentCount }
            if case .slot(slot) = aggregate.argument { return .documentCount }
        }
        guard let path = aggregate.argument.plainPath(documents: slot), !path.steps.isEmpty else { return nil }
        switch aggregate.kind {
        case .count: return .count(path)
        case .min: return .least(path)
        case .max: return .greatest(path)
        default: return nil
        }
    }

    /// Each is another walk over all items.
    private static let valuePathsMax = 3

    /// The few paths that a query of groups or distinct rows reads, beside what an index decides of its filter: of
    /// documents that have the same values there, one stands for all. Empty where it reads more, or where it matters
    /// which rows come first. And whether it may tell equal numbers apart.
    static func valuePaths(
        of query: BoundQuery, filter: BoundExpression?, _ slot: Int
    ) -> (paths: [DocumentPath], tellsNumbersApart: Bool) {
        guard query.sources.isEmpty, query.isDistinct || !query.groupKeys.isEmpty, query.takesAnyOrder else {
            return ([], false)
        }
        let planner = ExactConditionPlanner(slot: slot)
        var reads = PathReads(slot: slot)
        for term in filter?.conjuncts ?? [] where planner.condition(term) == nil { reads.visit(term) }
        for key in query.groupKeys { reads.visit(key) }
        for aggregate in query.aggregates { reads.visit(aggregate.argument) }
        for item in query.orderBy { reads.visit(item.expression) }
        reads.visit(query.projection)
        return (reads.isKnown && reads.paths.count <= valuePathsMax ? reads.paths : [], reads.computes)
    }
}

extension BoundQuery {
    /// Whether its groups or distinct rows are the same in whatever order their inputs come, and if one is taken for
    /// several that are alike.
    var takesAnyOrder: Bool {
        limit == nil && offset == 0 && aggregates.allSatisfy(\.kind.takesRepeated)
    }
}

extension BoundExpression {
    /// The terms under the ANDs at the top.
    var conjuncts: [BoundExpression] {
        if case .logical(.and, let terms) = self { return terms.flatMap(\.conjuncts) }
        return [self]
    }
}

extension BoundExpression {
    /// The one path of properties that this reads of the document in a slot, where it reads nothing else.
    func onlyPath(documents slot: Int) -> DocumentPath? {
        var reads = PathReads(slot: slot)
        reads.visit(self)
        return reads.isKnown && reads.paths.count == 1 ? reads.paths.first : nil
    }
}

/// Collects the paths that expressions read from the document in a slot.
private struct PathReads {
    let slot: Int
    /// In the order in which they come first.
    var paths: [DocumentPath] = []
    /// False once something reads the whole document, or is not the same for equal documents.
    var isKnown = true
    /// Whether anything is made of values but comparisons and rows.
    var computes = false

    mutating func visit(_ expression: BoundExpression) {
        if let path = expression.plainPath(documents: slot) {
            if path.steps.isEmpty { isKnown = false } else if !paths.contains(path) { paths.append(path) }
            return
        }
        switch expression {
        case .slot, .subquery, .let, .userDefinedCall: isKnown = false
        case .call(let function, _):
            computes = true
            if !function.isDeterministic { isKnown = false }
        case .binary(let operation, _, _): if !operation.isComparison { computes = true }
        case .unary(let operation, _): if operation != .not { computes = true }
        case .like: computes = true
        default: break
        }
        for child in expression.children { visit(child) }
    }
}
