/// What an index can answer for a query beyond naming candidates: counts without documents, and the order of rows.
extension Query {
    /// The condition whose items are to be counted, when the query asks for nothing else: `COUNT` of what is always
    /// there, over a filter that an index decides exactly. Then ``page(counting:options:)`` is the query's answer.
    public var countedCondition: PathCondition? {
        let query = ConstantFolding(limits: limits).fold(bound)
        guard case .documents(let slot) = query.root, query.sources.isEmpty, query.groupKeys.isEmpty,
            !query.aggregates.isEmpty, !query.isDistinct, query.orderBy.isEmpty, query.limit == nil, query.offset == 0,
            query.aggregates.allSatisfy({ $0.kind == .count && $0.argument.isAlwaysDefined(documents: slot) }),
            let filter = query.filter
        else { return nil }
        return filter.exactCondition(documents: slot)
    }
}

extension BoundExpression {
    fileprivate func isAlwaysDefined(documents slot: Int) -> Bool {
        switch self {
        case .slot(let each): each == slot
        case .constant(let value): !value.isUndefined
        default: false
        }
    }

    /// The condition that holds exactly when this is true: equalities of paths with scalars, under AND.
    fileprivate func exactCondition(documents slot: Int) -> PathCondition? {
        switch self {
        case .logical(.and, let terms):
            var parts: [PathCondition] = []
            for term in terms {
                guard let part = term.exactCondition(documents: slot) else { return nil }
                parts.append(part)
            }
            return .all(parts)
        case .binary(.equal, let path, .constant(let value)), .binary(.equal, .constant(let value), let path):
            guard let path = path.plainPath(documents: slot), !path.steps.isEmpty, let constant = PathValue(value),
                constant.isTold
            else { return nil }
            return .equal(path, constant)
        default: return nil
        }
    }
}

extension PathValue {
    /// The longest string, in bytes, that an index surely keeps whole.
    private static let wholeStringBytesMax = 200

    /// Whether an index tells this value from every other.
    fileprivate var isTold: Bool {
        switch self {
        case .null, .boolean, .number: true
        case .string(let text): text.utf8.count <= Self.wholeStringBytesMax
        case .array, .object: false
        }
    }
}

extension QueryExecutor {
    /// One page of a query without keys that counts so many rows.
    mutating func countedPage(_ count: Int) throws(QueryError) -> QueryPage {
        var table = GroupTable(plan, limits: limits)
        table.addCounted(count)
        var builder = newPage
        for row in try table.rows(&evaluator) { _ = try builder.append(row.value) }
        return builder.finish(metrics, continuation: nil)
    }
}
