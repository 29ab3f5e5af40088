extension Binder {
    /// Puts keys in the place of the expressions that GROUP BY names and refuses columns that are not grouped.
    mutating func group(_ query: inout BoundQuery, _ parsed: ParsedQuery, _ scope: Scope) throws(QueryError) {
        let keys = query.groupKeys.map(\.description)
        query.projection = Self.replaceKeys(keys, in: query.projection)
        guard !query.projection.slotsRead.isDisjoint(with: query.slots) else { return }
        var diagnostics: [QueryError.Diagnostic] = []
        for expression in parsed.selection.expressions {
            try findUngrouped(expression, keys, scope, isGrouped: !keys.isEmpty, &diagnostics)
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
    private mutating func findUngrouped(
        _ expression: ParsedExpression, _ keys: [String], _ scope: Scope, isGrouped: Bool,
        _ diagnostics: inout [QueryError.Diagnostic]
    ) throws(QueryError) {
        var probe = self
        probe.aggregates = []
        guard let bound = try? probe.bind(expression, scope) else { return }
        let text = bound.description
        if keys.contains(where: { $0.utf8.elementsEqual(text.utf8) }) { return }
        if expression.isPath {
            let place = isGrouped ? "either an aggregate function or the GROUP BY clause" : "an aggregate function"
            diagnostics.append(
                QueryError.Diagnostic(
                    code: .columnNotGrouped,
                    message: "Property reference '\(QueryPrinter.text(of: expression))' is invalid in the select list "
                        + "because it is not contained in \(place).",
                    location: expression.location))
            return
        }
        if case .call(let call) = expression.kind, !call.isUserDefined,
            case .aggregate = FunctionTable.function(named: call.name)?.evaluation
        {
            return
        }
        for child in expression.children {
            try findUngrouped(child, keys, scope, isGrouped: isGrouped, &diagnostics)
        }
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
