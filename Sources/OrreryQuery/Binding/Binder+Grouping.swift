extension Binder {
    /// Puts keys in the place of the expressions that GROUP BY names and refuses columns that are not grouped.
    mutating func group(_ query: inout BoundQuery, _ parsed: ParsedQuery, _ scope: Scope) throws(QueryError) {
        let keys = query.groupKeys.map(\.description)
        query.projection = Self.replaceKeys(keys, in: query.projection)
        guard !query.projection.slotsRead.isDisjoint(with: query.slots) else { return }
        var diagnostics: [QueryError.Diagnostic] = []
        for expression in parsed.selection.expressions {
            findUngrouped(expression, keys, Set(query.slots), scope, &diagnostics)
        }
        guard diagnostics.isEmpty else { throw QueryError(diagnostics: diagnostics) }
        throw QueryError(
            .columnNotGrouped, "The select list holds a column that is not contained in the GROUP BY clause.")
    }

    private static func replaceKeys(_ keys: [String], in expression: BoundExpression) -> BoundExpression {
        if !keys.isEmpty {
            if case .constant = expression { return expression }
            let text = expression.description
            if let index = keys.firstIndex(where: { $0.utf8.elementsEqual(text.utf8) }) { return .groupKey(index) }
        }
        // A grouped subquery has keys of its own, so the outer ones cannot be seen inside.
        if case .subquery(let kind, let query) = expression, !query.isGrouped {
            return .subquery(kind, query.mapExpressions { replaceKeys(keys, in: $0) })
        }
        return expression.mapChildren { replaceKeys(keys, in: $0) }
    }

    /// Collects the paths that are neither grouped nor inside an aggregate, each with its place.
    private func findUngrouped(
        _ expression: ParsedExpression, _ keys: [String], _ slots: Set<Int>, _ scope: Scope,
        _ diagnostics: inout [QueryError.Diagnostic]
    ) {
        var probe = self
        probe.aggregates = []
        guard let bound = try? probe.bind(expression, scope) else { return }
        if Self.replaceKeys(keys, in: bound).slotsRead.isDisjoint(with: slots) { return }
        if expression.isPath {
            let path = QueryPrinter.text(of: expression)
            let message =
                "Property reference '\(path)' is invalid in the select list because it is not contained in either an "
                + "aggregate function or the GROUP BY clause."
            diagnostics.append(
                QueryError.Diagnostic(code: .columnNotGrouped, message: message, location: expression.location))
            return
        }
        for child in expression.children { findUngrouped(child, keys, slots, scope, &diagnostics) }
    }
}

extension ParsedSelection {
    /// The expressions of the select list.
    var expressions: [ParsedExpression] {
        switch self {
        case .star: []
        case .value(let expression): [expression]
        case .list(let items): items.map(\.expression)
        }
    }
}

extension ParsedExpression {
    /// The direct children, subqueries left out.
    var children: [ParsedExpression] {
        switch kind {
        case .literal, .parameter, .identifier, .placeholder, .subquery: []
        case .member(let base, _): [base]
        case .index(let base, let index): [base, index]
        case .unary(_, let operand): [operand]
        case .binary(_, let left, let right), .coalesce(let left, let right): [left, right]
        case .logical(_, let terms), .array(let terms): terms
        case .conditional(let a, let b, let c), .between(let a, let b, let c, _): [a, b, c]
        case .membership(let needle, let list, _): [needle] + list
        case .like(let text, let pattern, _, _): [text, pattern]
        case .object(let properties): properties.map(\.value)
        case .call(let call): call.arguments
        case .let(_, let value, let body): [value, body]
        }
    }
}
