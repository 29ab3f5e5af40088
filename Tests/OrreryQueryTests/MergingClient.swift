import OrreryDocuments
import OrreryKeys

@testable import OrreryQuery

/// What an SDK does with a query plan: it runs the rewritten query on every partition and merges the rows.
struct MergingClient {
    let plan: QueryPlan
    let text: String
    let partitions: [[JSONDocument]]

    init(_ text: String, partitions: [[JSONDocument]]) throws {
        let query = try Query(text)
        let definition = try PartitionKeyDefinition(paths: ["/pk"])
        plan = try query.plan(under: definition, features: Set(QueryFeature.allCases))
        let rewritten = plan.queryInfo?.rewrittenQuery ?? ""
        self.text =
            rewritten.isEmpty
            ? text
            : rewritten.split(separator: "{documentdb-formattableorderbyquery-filter}")
                .joined(separator: "true")
        self.partitions = partitions
    }

    func rows() throws -> [JSONValue] {
        guard let info = plan.queryInfo else { return [] }
        // A query that no partition key can satisfy, and one without FROM, goes to a single partition.
        let asked = plan.keys.isEmpty ? Array(partitions.prefix(1)) : partitions
        let parts = try asked.map { try QueryRun.rows(text, over: $0, rowCountMax: 5) }
        var rows: [JSONValue]
        if !info.groupByExpressions.isEmpty || !info.aggregateByAlias.isEmpty {
            rows = groups(parts.joined(), info)
        } else if !info.aggregates.isEmpty {
            rows = [merged(parts.joined().map { $0[0] ?? nil }, info.aggregates[0])].compactMap { $0 }
        } else if !info.orderByDescending.isEmpty {
            // Ties run the way the first key does; SDKs leave them in the order of partitions.
            rows = sorted(Array((info.orderByDescending[0] ? parts.reversed() : parts).joined()), info)
        } else {
            rows = Array(parts.joined())
        }
        if info.distinctType != .none {
            var seen: Set<OrderKey> = []
            rows = rows.filter { seen.insert(OrderKey(Value($0))).inserted }
        }
        let limit = info.top ?? info.limit
        return Array(rows.dropFirst(info.offset ?? 0).prefix(limit ?? Int.max))
    }

    private func sorted(_ rows: [JSONValue], _ info: QueryInfo) -> [JSONValue] {
        let keyed = rows.enumerated().map { index, row in
            var key = OrderKey()
            for (item, isDescending) in zip(row["orderByItems"]?.array ?? [], info.orderByDescending) {
                key.append(item["item"].map { Value($0) } ?? .undefined, isDescending: isDescending)
            }
            return (key: key, index: index, payload: row["payload"])
        }
        return keyed.sorted { $0.key == $1.key ? $0.index < $1.index : $0.key < $1.key }.compactMap(\.payload)
    }

    private func groups(_ rows: some Sequence<JSONValue>, _ info: QueryInfo) -> [JSONValue] {
        var order: [OrderKey] = []
        var payloads: [OrderKey: [JSONValue]] = [:]
        for row in rows {
            let key = OrderKey(Value(row["groupByItems"] ?? nil))
            if payloads[key] == nil { order.append(key) }
            payloads[key, default: []].append(row["payload"] ?? .object([]))
        }
        return order.compactMap { key in
            let parts = payloads[key] ?? []
            if let aggregate = info.aggregates.first { return merged(parts.map { $0[0] ?? nil }, aggregate) }
            if info.hasSelectValue { return parts[0] }
            var members: [JSONMember] = []
            for (alias, aggregate) in info.aggregateByAlias {
                let values = parts.map { $0[alias] }
                let value = aggregate.map { merged(values.map { $0 ?? .object([]) }, $0) } ?? values[0]
                if let value { members.append(JSONMember(alias, value)) }
            }
            return .object(members)
        }
    }

    /// Merges the partial results of one aggregate; a missing item is undefined.
    private func merged(_ parts: [JSONValue], _ aggregate: String) -> JSONValue? {
        switch aggregate {
        case "MakeList", "MakeSet":
            let values = parts.flatMap { $0["item"]?.array ?? [] }
            var seen: Set<OrderKey> = []
            return .array(values.filter { aggregate == "MakeList" || seen.insert(OrderKey(Value($0))).inserted })
        case "Count", "CountIf": return .number(parts.reduce(0) { $0 + ($1["item"]?.double ?? 0) })
        case "Sum":
            let sums = parts.map { $0["item"]?.double }
            return sums.contains { $0 == nil } ? nil : .number(sums.reduce(0) { $0 + ($1 ?? 0) })
        case "Average":
            let sums = parts.map { $0["item"]?["sum"]?.double }
            let count = parts.reduce(0) { $0 + ($1["item"]?["count"]?.double ?? 0) }
            return sums.contains { $0 == nil } || count == 0 ? nil : .number(sums.reduce(0) { $0 + ($1 ?? 0) } / count)
        default:
            // A partition that saw values and yields none saw one that cannot be compared.
            if parts.contains(where: { $0["item"] == nil && ($0["item2"]?["count"]?.double ?? 0) > 0 }) { return nil }
            let values = parts.compactMap { $0["item"] }.sorted { OrderKey(Value($0)) < OrderKey(Value($1)) }
            return aggregate == "Min" ? values.first : values.last
        }
    }
}
