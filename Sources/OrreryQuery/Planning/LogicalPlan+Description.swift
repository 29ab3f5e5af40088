extension LogicalPlan: CustomStringConvertible {
    /// One line for each operator, in the order of the data.
    var description: String {
        operators.map(\.description).joined(separator: "\n")
    }
}

extension LogicalOperator: CustomStringConvertible {
    var description: String {
        switch self {
        case .single: "single"
        case .scan(let slot): "scan #\(slot)"
        case .derived(let query, let slot): "derived #\(slot) (\(query))"
        case .iterate(let expression, let slot): "iterate #\(slot) in \(expression)"
        case .bind(let expression, let slot): "bind #\(slot) = \(expression)"
        case .apply(let query, let slot, let opensArrays): "apply #\(slot)\(opensArrays ? " in" : "") (\(query))"
        case .filter(let condition): "filter \(condition)"
        case .nothing: "nothing"
        case .group(let keys, let aggregates): Self.group(keys, aggregates)
        case .sort(let items):
            "sort " + items.map { "\($0.expression)\($0.isDescending ? " DESC" : "")" }.joined(separator: ", ")
        case .project(let expression): "project \(expression)"
        case .distinct: "distinct"
        case .slice(let offset, let limit): "slice \(offset) \(limit.map(String.init) ?? "all")"
        }
    }

    private static func group(_ keys: [BoundExpression], _ aggregates: [BoundAggregate]) -> String {
        let calls = aggregates.map { "\($0.kind.functionName)(\($0.argument))" }
        return "group [\(keys.map(\.description).joined(separator: ", "))] [\(calls.joined(separator: ", "))]"
    }
}
