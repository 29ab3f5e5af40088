/// The groups of a GROUP BY, or the distinct rows of a SELECT DISTINCT, gathered row by row within a cap of memory.
struct GroupTable {
    /// A finished row with the key that orders the rows among pages.
    struct Row {
        let value: Value
        let sortKey: OrderKey
    }

    private struct Group {
        let keys: [Value]
        var aggregators: [Aggregator]
    }

    private struct DistinctRow {
        let value: Value
        let rowKey: OrderKey
        /// The least ORDER BY key of the rows that are this one.
        var orderKey: OrderKey
    }

    private let plan: PhysicalPlan
    private let limits: QueryLimits
    private var places: [OrderKey: Int] = [:]
    private var groups: [(key: OrderKey, group: Group)] = []
    private var distinctRows: [DistinctRow] = []
    private var bytes = 0
    /// The key of the row at hand.
    private var key = OrderKey()

    init(_ plan: PhysicalPlan, limits: QueryLimits) {
        self.plan = plan
        self.limits = limits
    }

    /// Takes the row that the evaluator's slots hold, as often as it stands for others.
    mutating func add(_ evaluator: inout Evaluator, times: Int = 1) throws(QueryError) {
        if plan.isGrouped {
            try addToGroup(&evaluator, times: times)
        } else {
            let value = try evaluator.evaluate(plan.projection)
            if !value.isUndefined { try addDistinct(value, &evaluator) }
        }
    }

    /// Takes the results of all aggregates; there are no keys.
    mutating func add(results: [Value]) {
        let aggregators = zip(plan.aggregates, results).map { Aggregator($0.kind, result: $1) }
        groups.append((OrderKey(), Group(keys: [], aggregators: aggregators)))
    }

    private mutating func addToGroup(_ evaluator: inout Evaluator, times: Int) throws(QueryError) {
        // One key's room serves all rows: most belong to a group that is known.
        key.removeAll()
        for expression in plan.groupKeys { key.append(try evaluator.evaluate(expression)) }
        let place = if let known = places[key] { known } else { try addGroup(&evaluator) }
        for index in plan.aggregates.indices {
            let value = try evaluator.evaluate(plan.aggregates[index].argument)
            let growth = groups[place].group.aggregators[index].add(value, times: times)
            if growth > 0 { try grow(by: growth) }
        }
    }

    /// Adds the group of the row that the evaluator's slots hold, whose key is known by now.
    private mutating func addGroup(_ evaluator: inout Evaluator) throws(QueryError) -> Int {
        var keys: [Value] = []
        for expression in plan.groupKeys { keys.append(try evaluator.evaluate(expression).detached) }
        try grow(by: key.bytes.count * 2 + keys.reduce(128) { $0.saturatingSum($1.weightBytes) })
        places[key] = groups.count
        groups.append((key, Group(keys: keys, aggregators: plan.aggregates.map { Aggregator($0.kind) })))
        return groups.count - 1
    }

    private mutating func addDistinct(_ value: Value, _ evaluator: inout Evaluator) throws(QueryError) {
        var orderKey = OrderKey()
        for item in plan.orderBy {
            orderKey.append(try evaluator.evaluate(item.expression), isDescending: item.isDescending)
        }
        let rowKey = OrderKey(value)
        if let place = places[rowKey] {
            if orderKey < distinctRows[place].orderKey { distinctRows[place].orderKey = orderKey }
            return
        }
        try grow(by: rowKey.bytes.count * 2 + orderKey.bytes.count + value.weightBytes.saturatingSum(128))
        places[rowKey] = distinctRows.count
        distinctRows.append(DistinctRow(value: value.detached, rowKey: rowKey, orderKey: orderKey))
    }

    private mutating func grow(by count: Int) throws(QueryError) {
        bytes = bytes.saturatingSum(count)
        guard bytes <= limits.memoryBytesMax else {
            throw QueryError(
                .limitExceeded,
                "The query's groups or distinct rows exceed the memory limit of \(limits.memoryBytesMax) bytes.")
        }
    }

    /// The rows in the order in which each was first met. Without GROUP BY keys there is always one group.
    mutating func rows(_ evaluator: inout Evaluator) throws(QueryError) -> [Row] {
        guard plan.isGrouped else {
            return distinctRows.map {
                Row(value: $0.value, sortKey: OrderKey(bytes: $0.orderKey.bytes + $0.rowKey.bytes))
            }
        }
        if plan.groupKeys.isEmpty, groups.isEmpty {
            groups.append((OrderKey(), Group(keys: [], aggregators: plan.aggregates.map { Aggregator($0.kind) })))
        }
        let enclosing = (evaluator.groupKeys, evaluator.aggregates)
        defer { (evaluator.groupKeys, evaluator.aggregates) = enclosing }
        var rows: [Row] = []
        var seen: Set<OrderKey> = []
        for (key, group) in groups {
            evaluator.groupKeys = group.keys
            evaluator.aggregates = group.aggregators.map(\.result)
            let value = try evaluator.evaluate(plan.projection)
            if value.isUndefined { continue }
            if plan.isDistinct {
                let rowKey = OrderKey(value)
                if seen.insert(rowKey).inserted { rows.append(Row(value: value, sortKey: rowKey)) }
            } else {
                rows.append(Row(value: value, sortKey: key))
            }
        }
        return rows
    }
}
