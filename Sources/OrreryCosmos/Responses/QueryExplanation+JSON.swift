import OrreryDatabase
import OrreryDocuments
import OrreryQuery

extension QueryExplanation {
    /// The plan as `x-orrery-explain` answers it (Docs/Indexing.md, "Seeing the plan").
    var json: JSONValue {
        var plan: [JSONValue] = [access.json]
        if access.method != .indexAggregate { plan.append(["operator": "read", "actualRows": .count(documentCount)]) }
        // What comes in order is not sorted.
        plan += steps.filter { access.method != .indexWalk || $0.name != "sort" }.map(\.json)
        return ["ranges": .count(rangeCount), "plan": .array(plan)]
    }
}

extension QueryExplanation.Access {
    fileprivate var json: JSONValue {
        var step: JSONValue = ["operator": .string(method.rawValue)]
        if let index { step["index"] = .string(index) }
        if let condition { step["condition"] = .string(condition) }
        if let estimatedRows { step["estimatedRows"] = .count(estimatedRows) }
        step["actualRows"] = .count(actualRows)
        return step
    }
}

extension PlanStep {
    fileprivate var json: JSONValue {
        var step: JSONValue = ["operator": .string(name)]
        if !detail.isEmpty { step["detail"] = .string(detail) }
        if let rowCount { step["actualRows"] = .count(rowCount) }
        return step
    }
}

extension JSONValue {
    fileprivate static func count(_ count: Int) -> JSONValue { .number(JSONNumber(Int64(count))) }
}
