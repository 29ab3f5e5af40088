/// One SELECT statement as it was written.
struct ParsedQuery: Sendable {
    var isDistinct = false
    var top: ParsedCount?
    var selection: ParsedSelection
    /// The FROM sources, the first and those that JOIN adds, in order; empty without a FROM clause.
    var sources: [ParsedSource] = []
    var filter: ParsedExpression?
    var groupBy: [ParsedExpression] = []
    var orderBy: [ParsedOrderItem] = []
    /// `ORDER BY RANK …`.
    var isRanked = false
    var offset: ParsedCount?
    var limit: ParsedCount?

    /// See `ParsedExpression.depth`.
    var depth: Int {
        var deepest = 0
        for source in sources { deepest = max(deepest, source.depth) }
        if let filter { deepest = max(deepest, filter.depth) }
        for expression in groupBy { deepest = max(deepest, expression.depth) }
        for item in orderBy { deepest = max(deepest, item.expression.depth) }
        switch selection {
        case .star: break
        case .value(let expression): deepest = max(deepest, expression.depth)
        case .list(let items): for item in items { deepest = max(deepest, item.expression.depth) }
        }
        return deepest + 1
    }
}

enum ParsedSelection: Sendable {
    case star(SourceRange)
    case value(ParsedExpression)
    case list([ParsedSelectItem])
}

struct ParsedSelectItem: Sendable {
    let expression: ParsedExpression
    let alias: String?
}

struct ParsedOrderItem: Sendable {
    let expression: ParsedExpression
    /// Nil when neither ASC nor DESC was written.
    let isDescending: Bool?
}

/// The number after TOP, OFFSET or LIMIT.
struct ParsedCount: Sendable {
    enum Kind: Sendable {
        case literal(Int)
        case parameter(String)
    }
    let kind: Kind
    let location: SourceRange
}

/// `coll [AS alias]` or `alias IN coll`.
struct ParsedSource: Sendable {
    let collection: ParsedCollection
    let alias: String?
    let isIteration: Bool
    let location: SourceRange

    var depth: Int {
        if case .subquery(let query) = collection { return query.depth + 1 }
        return 1
    }
}

indirect enum ParsedCollection: Sendable {
    case path(root: String, steps: [ParsedPathStep])
    case subquery(ParsedQuery)
}

/// A step of a FROM path: `.name`, `["name"]` or `[3]`.
enum ParsedPathStep: Sendable {
    case name(String)
    case quotedName(String)
    case index(Int)

    var name: String? {
        switch self {
        case .name(let name), .quotedName(let name): name
        case .index: nil
        }
    }
}
