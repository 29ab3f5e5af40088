/// A property that a container computes instead of keeping it: `SELECT VALUE LOWER(c.name) FROM c` under a name. A
/// query that reads the name from an item gets the expression's value; `SELECT *` does not show it.
public struct ComputedProperty: Sendable {
    /// What queries call it.
    public let name: String
    let expression: ParsedExpression
    /// What the expression calls the item.
    let alias: String

    /// Reads a definition.
    /// - Throws: where the text is not a `SELECT VALUE` of one expression over the container and nothing else.
    public init(name: String, query text: String, limits: QueryLimits = QueryLimits()) throws(QueryError) {
        let parsed = try Parser.parse(Array(text.utf8), limits: limits)
        guard case .value(let expression) = parsed.selection, parsed.sources.count == 1,
            let source = parsed.sources.first, case .path(let root, let steps) = source.collection, steps.isEmpty,
            !source.isIteration
        else { throw Self.notComputed }
        let isBare =
            parsed.filter == nil && parsed.groupBy.isEmpty && parsed.orderBy.isEmpty && !parsed.isDistinct
            && parsed.top == nil && parsed.offset == nil
        guard isBare else { throw Self.notComputed }
        self.name = name
        self.expression = expression
        alias = source.alias ?? root
        // What does not bind would fail every query that reads it.
        var binder = Binder(parameters: QueryParameters(), limits: limits)
        var scope = Scope()
        scope.define(alias, slot: binder.newSlot())
        _ = try binder.bind(expression, scope)
    }

    private static let notComputed = QueryError(
        .invalidQuery, "A computed property must be a SELECT VALUE of one expression over the container.")
}
