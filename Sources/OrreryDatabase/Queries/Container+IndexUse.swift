internal import OrreryDocuments
internal import OrreryEngine
public import OrreryQuery

/// An index that a query's filter uses, or could use if the container's policy had it.
public struct IndexUse: Sendable, Equatable {
    /// The part of the filter, as the service writes it: `(ROOT.price > 10)`.
    public let filter: String
    /// The indexed path, as policies write it: `/price/?`.
    public let path: String
    /// Whether the policy indexes the path.
    public let isUtilized: Bool
    /// Whether the index alone decides this part of the filter.
    public let isPrecise: Bool

    public init(filter: String, path: String, isUtilized: Bool, isPrecise: Bool) {
        self.filter = filter
        self.path = path
        self.isUtilized = isUtilized
        self.isPrecise = isPrecise
    }
}

/// A composite index that a query uses, or could use if the container's policy had it.
public struct CompositeIndexUse: Sendable, Equatable {
    /// `/a ASC`, `/b DESC`.
    public let paths: [String]
    /// Whether the policy has it.
    public let isUtilized: Bool

    public init(paths: [String], isUtilized: Bool) {
        self.paths = paths
        self.isUtilized = isUtilized
    }
}

extension Container {
    /// The composite indexes that a query's order and filter speak of: those of the policy that it uses; or else one
    /// that the policy could have, the equalities first, then one range, or what rows are ordered by.
    public func compositeIndexUses(of query: Query) -> [CompositeIndexUse] {
        guard let demand = try? query.prepared().demand else { return [] }
        let parts = demand.condition?.conjuncts ?? []
        let composites = indexing.selection.composites
        var used = composites.filter { OrderPlanner.hasComposite(for: demand.declaredOrder, in: [$0]) }
        used += composites.filter { !used.contains($0) && $0.narrowing(by: parts) != nil }
        if !used.isEmpty { return used.map { CompositeIndexUse(paths: $0.pathTexts, isUtilized: true) } }
        var paths: [String] = []
        var ranges: [String] = []
        for part in parts {
            guard let path = part.path, IndexPath(path) != nil, !path.steps.contains(.element) else { continue }
            switch part {
            case .equal: paths.append(path.propertyText + " ASC")
            case .between, .beginsWith: ranges.append(path.propertyText + " ASC")
            case .isDefined, .noneOf, .all, .any: break
            }
        }
        if demand.order.isEmpty {
            paths += ranges.prefix(1)
        } else {
            paths += demand.order.map { $0.path.propertyText + ($0.isDescending ? " DESC" : " ASC") }
        }
        var seen: Set<String> = []
        paths = paths.filter { seen.insert(String($0.prefix { $0 != " " })).inserted }
        return paths.count < 2 ? [] : [CompositeIndexUse(paths: paths, isUtilized: false)]
    }

    /// The single-path indexes that a query's filter speaks of, in the filter's order, each once.
    public func indexUses(of query: Query) -> [IndexUse] {
        var uses: [IndexUse] = []
        func visit(_ condition: PathCondition) {
            switch condition {
            case .all(let parts), .any(let parts): parts.forEach(visit)
            case .equal(let path, let value):
                add(path, "=", value.text, isPrecise: value.isScalar)
            case .between(let path, let lower, let upper):
                if let lower { add(path, lower.lowerOperator, lower.value.text, isPrecise: true) }
                if let upper { add(path, upper.upperOperator, upper.value.text, isPrecise: true) }
            case .beginsWith(let path, let prefix):
                add(path, "LIKE", PathValue.string(prefix + "%").text, isPrecise: true)
            case .isDefined(let path):
                add(path, "!=", "undefined", isPrecise: true)
            case .noneOf(let path, let values):
                for value in values { add(path, "!=", value.text, isPrecise: true) }
            }
        }
        func add(_ path: DocumentPath, _ comparison: String, _ value: String, isPrecise: Bool) {
            guard let indexed = IndexPath(path) else { return }
            let use = IndexUse(
                filter: "(ROOT\(path.expressionText) \(comparison) \(value))", path: path.policyText,
                isUtilized: indexing.selection.covers(indexed), isPrecise: isPrecise)
            if !uses.contains(use) { uses.append(use) }
        }
        if let condition = query.pathCondition { visit(condition) }
        return uses
    }
}

extension PathValue {
    fileprivate var isScalar: Bool {
        switch self {
        case .null, .boolean, .number, .string: true
        case .array, .object: false
        }
    }
}
