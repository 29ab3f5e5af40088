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

extension Container {
    /// The single-path indexes that a query's filter speaks of, in the filter's order, each once.
    public func indexUses(of query: Query) -> [IndexUse] {
        var uses: [IndexUse] = []
        func visit(_ condition: PathCondition) {
            switch condition {
            case .all(let parts), .any(let parts): parts.forEach(visit)
            case .equal(let path, let value):
                add(path, "=", value.text, isPrecise: value.isScalar)
            case .between(let path, let lower, let upper):
                if let lower { add(path, ">=", lower.text, isPrecise: true) }
                if let upper { add(path, "<=", upper.text, isPrecise: true) }
            case .beginsWith(let path, let prefix):
                add(path, "LIKE", PathValue.string(prefix + "%").text, isPrecise: true)
            case .isDefined(let path):
                add(path, "!=", "undefined", isPrecise: true)
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

    /// The constant as query text.
    fileprivate var text: String {
        switch self {
        case .null: return "null"
        case .boolean(let flag): return flag ? "true" : "false"
        case .number(let number):
            var writer = JSONWriter()
            writer.number(number)
            return String(decoding: writer.bytes, as: UTF8.self)
        case .string(let text):
            var writer = JSONWriter()
            writer.string(text)
            return String(decoding: writer.bytes, as: UTF8.self)
        case .array: return "[]"
        case .object: return "{}"
        }
    }
}

extension DocumentPath {
    /// `.a.b[0]` as in a query; elements of arrays as the service shows them.
    fileprivate var expressionText: String {
        steps.map { step in
            switch step {
            case .property(let name): "." + String(decoding: name, as: UTF8.self)
            case .element: "[]"
            }
        }.joined()
    }

    /// `/a/b/[]/?` as in a policy.
    fileprivate var policyText: String {
        steps.map { step in
            switch step {
            case .property(let name): "/" + String(decoding: name, as: UTF8.self)
            case .element: "/[]"
            }
        }.joined() + "/?"
    }
}
