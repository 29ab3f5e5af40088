/// An expression whose names are resolved: identifiers to slots of the row, parameters to values, calls to functions.
indirect enum BoundExpression: Sendable {
    case constant(Value)
    /// The value of a parameter that was left open (``QueryTemplate``), by its place among these.
    case parameter(Int)
    /// The value that a FROM source or LET bound.
    case slot(Int)
    case member(BoundExpression, name: String)
    case index(BoundExpression, BoundExpression)
    case unary(UnaryOperator, BoundExpression)
    case binary(BinaryOperator, BoundExpression, BoundExpression)
    case logical(BooleanOperator, [BoundExpression])
    case coalesce(BoundExpression, BoundExpression)
    case conditional(BoundExpression, BoundExpression, BoundExpression)
    case membership(BoundExpression, list: [BoundExpression], isNegated: Bool)
    case like(BoundExpression, pattern: BoundExpression, escape: String?, isNegated: Bool)
    case between(BoundExpression, BoundExpression, BoundExpression, isNegated: Bool)
    case array([BoundExpression])
    /// Names are distinct.
    case object([BoundProperty])
    case call(FunctionDefinition, [BoundExpression])
    case userDefinedCall(String, [BoundExpression])
    case subquery(SubqueryKind, BoundQuery)
    case `let`(slot: Int, value: BoundExpression, body: BoundExpression)
    /// The value of the enclosing query's nth aggregate over the group.
    case aggregate(Int)
    /// The value of the enclosing query's nth GROUP BY expression.
    case groupKey(Int)
}

struct BoundProperty: Sendable {
    let name: String
    let value: BoundExpression
}

/// One SELECT with its names resolved.
struct BoundQuery: Sendable {
    /// Where the first row comes from.
    var root: BoundRoot
    /// FROM sources beyond the root, in order; each sees the slots before it.
    var sources: [BoundSource] = []
    var filter: BoundExpression?
    var groupKeys: [BoundExpression] = []
    var aggregates: [BoundAggregate] = []
    var projection: BoundExpression
    /// `SELECT VALUE` and `SELECT *`: a row that is undefined is left out.
    var isValue: Bool
    var isDistinct = false
    var orderBy: [BoundOrderItem] = []
    var offset = 0
    var limit: Int?
    /// The slots that this query binds, its subqueries' not included.
    var slots: [Int] = []

    var isGrouped: Bool { !groupKeys.isEmpty || !aggregates.isEmpty }

    /// Whether rows come out as they are found, without seeing every one first.
    var isStreaming: Bool { !isGrouped && !isDistinct && orderBy.isEmpty }

    /// Whether its rows are the documents themselves, some of them or all: `SELECT * FROM c WHERE …`.
    var givesDocuments: Bool {
        guard case .documents(let slot) = root, case .slot(slot) = projection else { return false }
        return sources.isEmpty && !isGrouped && !isDistinct
    }
}

indirect enum BoundRoot: Sendable {
    /// No FROM, or a subquery whose sources all hang on outer slots: one empty row.
    case none
    /// Every document of the scope, in this slot.
    case documents(slot: Int)
    /// Every row of another query over the scope, in this slot: `FROM (SELECT …)`.
    case derived(BoundQuery, slot: Int)
}

struct BoundSource: Sendable {
    enum Kind: Sendable {
        /// `x IN e`: one row for each element.
        case iteration(BoundExpression)
        /// `e x`: one row where it is defined.
        case single(BoundExpression)
        /// `(SELECT …) x`: one row for each of its rows; with `x IN (SELECT …)` arrays among them are opened.
        case subquery(BoundQuery, opensArrays: Bool)
    }
    let kind: Kind
    let slot: Int
}

struct BoundAggregate: Sendable {
    let kind: AggregateKind
    let argument: BoundExpression
}

struct BoundOrderItem: Sendable {
    let expression: BoundExpression
    let isDescending: Bool
}

enum AggregateKind: String, Sendable, CaseIterable {
    case average = "Average", count = "Count", countIf = "CountIf", makeList = "MakeList", makeSet = "MakeSet"
    case max = "Max", min = "Min", sum = "Sum"

    /// Whether one input may be taken as often as it comes. A sum depends on each addition, and a list has each input.
    var takesRepeated: Bool {
        switch self {
        case .count, .countIf, .max, .min: true
        case .average, .makeList, .makeSet, .sum: false
        }
    }

    var functionName: String {
        self == .average ? "AVG" : rawValue.uppercased()
    }
}
