import OrreryDocuments
import OrreryKeys
import Testing

@testable import OrreryQuery

@Suite(.enabled(if: Conformance.isPresent, "the conformance folder is not there: set ORRERY_CONFORMANCE"))
struct ConformancePlanTests {
    /// Plans that differ from the service's, each with its reason. A case that starts to pass, and one that starts to
    /// fail, both fail this test.
    static let expectedMisses: [String: String] = [
        "Spatial-001": spatial, "Spatial-004": spatial, "Spatial-008": spatial, "Spatial-013": spatial,
        "VectorSearch-000": vector, "VectorSearch-003": vector,
    ]

    private static let spatial = "the service evaluates spatial functions of constants, which come later"
    private static let vector = "the order follows the container's vector policy, which the case does not record"

    @Test func plans() throws {
        let cases = try Conformance.load("query-plans.json").array ?? []
        #expect(!cases.isEmpty)
        var missed = 0
        for test in cases {
            let name = test["name"]?.string ?? ""
            let difference = PlanCase(test).difference
            if difference != nil { missed += 1 }
            switch (difference, Self.expectedMisses[name]) {
            case (nil, nil), (.some, .some): break
            case (let difference?, nil): Issue.record("\(name): \(difference)")
            case (nil, .some): Issue.record("\(name) passes now: take it off the list")
            }
        }
        #expect(missed * 20 <= cases.count, "\(missed) of \(cases.count) plans differ")
    }
}

/// One recorded plan, and how ours differs.
private struct PlanCase {
    private let input: JSONValue
    private let output: JSONValue

    init(_ test: JSONValue) {
        input = test["input"] ?? nil
        output = test["output"] ?? nil
    }

    /// Nil when the plan is the service's.
    var difference: String? {
        let plan: QueryPlan
        do {
            plan = try ownPlan()
        } catch let error as QueryError {
            guard let exception = output["Exception"]?.string else { return "refused: \(error.message)" }
            return difference(of: error, from: exception)
        } catch {
            return "\(error)"
        }
        guard output["Exception"] == nil else { return "accepted, where the service refuses" }
        let wanted = output["PartitionedQueryExecutionInfoInternal"] ?? nil
        if let info = plan.queryInfo {
            if let difference = difference(of: info, from: wanted["QueryInfo"] ?? nil, wanted["RewrittenQuery"]) {
                return difference
            }
        } else if let difference = difference(of: plan.hybridSearch, from: wanted["HybridSearchQueryInfo"] ?? nil) {
            return difference
        }
        if input["PartitionKeyType"]?.string == "Range" { return nil }
        let ranges = Self.list(wanted["QueryRanges"] ?? nil).flatMap { Self.list($0) }.compactMap(\.string).sorted()
        let own = Self.ranges(of: plan.keys).sorted()
        return own == ranges ? nil : "ranges \(own) instead of \(ranges)"
    }

    private func ownPlan() throws -> QueryPlan {
        var parameters = QueryParameters()
        if let text = input["QueryParameters"]?.string {
            parameters = try QueryParameters(JSONDocument(parsing: text).root)
        }
        let query = try Query(input["Query"]?.string ?? "", parameters: parameters)
        let paths = (input["PartitionKeys"]?.array ?? []).compactMap(\.string).map { path in
            path.split(separator: "/").map { Array($0.utf8) }
        }
        let keys = query.partitionKeys(paths: paths, isHierarchical: false)
        return try query.plan(keys: keys, pathCount: paths.count, features: Set(QueryFeature.allCases))
    }

    // MARK: Comparison

    private func difference(of error: QueryError, from exception: String) -> String? {
        // A plan that only the recording client could not hold must be refused, but carries no error of the service.
        guard exception.contains("\"errors\"") || exception.contains("\"Errors\"") else { return nil }
        if exception.contains(error.errorsJSON) { return nil }
        // The recorded text had blanks before SELECT that its locations still count.
        let shifts = (1...40).map { error.shifted(by: $0).errorsJSON }
        return shifts.contains { exception.contains($0) } ? nil : "error \(error.errorsJSON) instead of \(exception)"
    }

    private func difference(of info: QueryInfo, from wanted: JSONValue, _ rewritten: JSONValue?) -> String? {
        func text(_ name: String) -> String? { wanted[name]?.string }
        let order = info.orderByDescending.map { $0 ? "Descending" : "Ascending" }
        let checks: [(String, Bool)] = [
            ("distinct type", info.distinctType.rawValue == text("DistinctType")),
            ("top", info.top.map { String($0) } == text("Top")),
            ("offset", info.offset.map { String($0) } == text("Offset")),
            ("limit", info.limit.map { String($0) } == text("Limit")),
            ("value", (info.hasSelectValue ? "True" : "False") == text("HasSelectValue")),
            ("order", order == Self.strings(wanted["OrderBy"])),
            ("order expressions", info.orderByExpressions == Self.strings(wanted["OrderByExpressions"])),
            ("group expressions", info.groupByExpressions == Self.strings(wanted["GroupByExpressions"])),
            ("group aliases", info.groupByAliases == Self.strings(wanted["GroupByAliases"])),
            ("aggregates", info.aggregates == Self.strings(wanted["Aggregates"])),
            ("aliases", aliases(info) == Self.aliases(wanted["GroupByAliasToAggregateType"])),
        ]
        if let failed = checks.first(where: { !$0.1 }) { return "\(failed.0) in \(info), wanted \(wanted)" }
        let own = Self.withoutBlanks(info.rewrittenQuery)
        let service = Self.withoutBlanks(rewritten?.string ?? "")
        return own == service ? nil : "rewritten \(info.rewrittenQuery) instead of \(rewritten?.string ?? "")"
    }

    private func aliases(_ info: QueryInfo) -> [String] {
        info.aggregateByAlias.map { "\($0.alias)=\($0.aggregate ?? "null")" }.sorted()
    }

    private func difference(of hybrid: HybridSearchInfo?, from wanted: JSONValue) -> String? {
        guard let hybrid, hybrid.components.count == 1 else { return "no hybrid plan of one component" }
        guard
            Self.withoutBlanks(hybrid.globalStatisticsQuery)
                == Self.withoutBlanks(wanted["GlobalStatisticsQuery"]?.string ?? "")
        else { return "statistics \(hybrid.globalStatisticsQuery)" }
        guard hybrid.skip.map({ String($0) }) == wanted["Skip"]?.string, String(hybrid.take) == wanted["Take"]?.string
        else { return "skip \(String(describing: hybrid.skip)) take \(hybrid.take)" }
        let component = wanted["componentQueryInfo"] ?? nil
        return difference(of: hybrid.components[0], from: component, component["RewrittenQuery"])
    }

    // MARK: Reading what was XML

    /// A list of one may stand as an object with one member, or as the element itself.
    private static func list(_ value: JSONValue?) -> [JSONValue] {
        switch value {
        case nil, .null: []
        case .array(let elements): elements
        case .object(let members): members.count == 1 ? list(members[0].value) : [value ?? nil]
        case .some(let single): [single]
        }
    }

    private static func strings(_ value: JSONValue?) -> [String] {
        list(value).compactMap(\.string)
    }

    private static func aliases(_ value: JSONValue?) -> [String] {
        list(value).map { "\($0["Alias"]?.string ?? "")=\($0["AggregateOperator"]?.string ?? "")" }.sorted()
    }

    private static func withoutBlanks(_ text: String) -> String {
        String(text.filter { !$0.isWhitespace })
    }

    /// The service's way to write ranges over key values: `[["a"],["a"]]`, `[[],"Infinity")`, `[[],[]]`.
    private static func ranges(of keys: PartitionKeySet) -> [String] {
        guard let keys = keys.keys else { return ["[[],\"Infinity\")"] }
        guard !keys.isEmpty else { return ["[[],[]]"] }
        return keys.map { key in
            let values = key.values.map { value in
                switch value {
                case .undefined: "{}"
                case .null: "null"
                case .boolean(let boolean): "\(boolean)"
                case .number(let number): "\(number)"
                case .string(let string): JSONValue.string(string).description
                }
            }
            let text = "[" + values.joined(separator: ",") + "]"
            return "[\(text),\(text)]"
        }
    }
}

extension QueryError {
    fileprivate func shifted(by count: Int) -> QueryError {
        var shifted = self
        shifted.diagnostics = diagnostics.map { diagnostic in
            Diagnostic(
                code: diagnostic.code, message: diagnostic.message,
                location: diagnostic.location.map { SourceRange(start: $0.start + count, end: $0.end + count) })
        }
        return shifted
    }
}
