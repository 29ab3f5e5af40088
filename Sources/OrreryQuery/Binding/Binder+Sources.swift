extension Binder {
    mutating func bindSources(
        _ sources: [ParsedSource], of query: inout BoundQuery, scope: inout Scope, isRoot: Bool
    ) throws(QueryError) {
        for (index, source) in sources.enumerated() {
            if index > 0 {
                joinCount += 1
                guard joinCount <= limits.joinCountMax else {
                    throw QueryError(
                        .limitExceeded, "The query exceeds the maximum of \(limits.joinCountMax) joins.",
                        at: source.location)
                }
            }
            if index == 0, isRoot {
                try bindRoot(source, of: &query, scope: &scope)
            } else {
                try bindSource(source, of: &query, scope: &scope)
            }
        }
    }

    /// The first source of a statement: its first name, whatever it is, means the container.
    private mutating func bindRoot(
        _ source: ParsedSource, of query: inout BoundQuery, scope: inout Scope
    ) throws(QueryError) {
        switch source.collection {
        case .path(let root, let steps):
            let slot = newSlot()
            documentSlot = slot
            query.root = .documents(slot: slot)
            query.slots.append(slot)
            if steps.isEmpty, !source.isIteration {
                scope.define(source.alias ?? root, slot: slot)
                return
            }
            let path = Self.path(.slot(slot), steps)
            addSource(source.isIteration ? .iteration(path) : .single(path), source, of: &query, scope: &scope)
        case .subquery(let parsed):
            let derived = try bind(parsed, in: scope, isRoot: true, isSubquery: true)
            let slot = newSlot()
            query.slots.append(slot)
            query.root = .derived(derived, slot: slot)
            if source.isIteration {
                let row = BoundQuery(root: .none, projection: .slot(slot), isValue: true)
                addSource(.subquery(row, opensArrays: true), source, of: &query, scope: &scope)
            } else if let alias = source.alias {
                scope.define(alias, slot: slot)
            }
        }
    }

    private mutating func bindSource(
        _ source: ParsedSource, of query: inout BoundQuery, scope: inout Scope
    ) throws(QueryError) {
        switch source.collection {
        case .path(let root, let steps):
            guard let slot = scope.slot(named: root) else { throw .unresolved(root, at: source.location) }
            let path = Self.path(.slot(slot), steps)
            addSource(source.isIteration ? .iteration(path) : .single(path), source, of: &query, scope: &scope)
        case .subquery(let parsed):
            let subquery = try bind(parsed, in: scope, isRoot: false, isSubquery: true)
            addSource(
                .subquery(subquery, opensArrays: source.isIteration), source, of: &query, scope: &scope)
        }
    }

    private mutating func addSource(
        _ kind: BoundSource.Kind, _ source: ParsedSource, of query: inout BoundQuery, scope: inout Scope
    ) {
        let slot = newSlot()
        query.slots.append(slot)
        query.sources.append(BoundSource(kind: kind, slot: slot))
        if let alias = source.alias ?? source.collection.impliedAlias {
            scope.define(alias, slot: slot)
        }
    }

    private static func path(_ base: BoundExpression, _ steps: [ParsedPathStep]) -> BoundExpression {
        steps.reduce(base) { expression, step in
            switch step {
            case .name(let name), .quotedName(let name): .member(expression, name: name)
            case .index(let index): .index(expression, .constant(.integer(Int64(index))))
            }
        }
    }
}

extension ParsedCollection {
    /// `FROM c.children` may be called `children`.
    fileprivate var impliedAlias: String? {
        guard case .path(let root, let steps) = self else { return nil }
        return steps.isEmpty ? root : steps.last?.name
    }
}

extension QueryError {
    static func unresolved(_ name: String, at location: SourceRange) -> QueryError {
        QueryError(.unresolvedIdentifier, "Identifier '\(name)' could not be resolved.", at: location)
    }
}
