extension Parser {
    /// `SELECT … [FROM …] [WHERE …] [GROUP BY …] [ORDER BY …] [OFFSET … LIMIT …]`
    mutating func query() throws(QueryError) -> ParsedQuery {
        try enter()
        defer { leave() }
        try expect(.select)
        let isDistinct = take(.distinct)
        let top = try topClause()
        var query = ParsedQuery(selection: try selection())
        query.isDistinct = isDistinct
        query.top = top
        if take(.from) { query.sources = try sources() }
        if take(.where) { query.filter = try expression() }
        if take(.group) {
            try expect(.by)
            query.groupBy = try expressions()
        }
        try orderByClause(&query)
        if take(.offset) {
            query.offset = try count(.offsetBound)
            try expect(.limit)
            query.limit = try count(.limitBound)
        }
        return query
    }

    /// `[FROM …] WHERE …`, read as `SELECT VALUE true …`.
    mutating func condition() throws(QueryError) -> ParsedQuery {
        var query = ParsedQuery(selection: .value(ParsedExpression(.literal(.boolean(true)))))
        if take(.from) { query.sources = try sources() }
        try expect(.where)
        query.filter = try expression()
        return query
    }

    private mutating func topClause() throws(QueryError) -> ParsedCount? {
        guard take(.top) else { return nil }
        return try count(.topBound)
    }

    /// A literal is an unsigned integer of 32 bits.
    private mutating func count(_ code: QueryError.Code) throws(QueryError) -> ParsedCount {
        let token = current
        switch token.kind {
        case .parameter:
            advance()
            return ParsedCount(kind: .parameter(spelling(of: token)), location: token.location)
        case .number:
            advance()
            guard let value = Int(spelling(of: token)), value <= Int(UInt32.max) else {
                throw .badCount(code, at: token.location)
            }
            return ParsedCount(kind: .literal(value), location: token.location)
        default:
            throw unexpected()
        }
    }

    private mutating func selection() throws(QueryError) -> ParsedSelection {
        if current.kind == .star { return .star(advance().location) }
        if take(.value) { return .value(try expression()) }
        var items: [ParsedSelectItem] = []
        repeat {
            let expression = try expression()
            if take(.as) {
                items.append(ParsedSelectItem(expression: expression, alias: try name()))
            } else if isName(current) {
                items.append(ParsedSelectItem(expression: expression, alias: try name()))
            } else {
                items.append(ParsedSelectItem(expression: expression, alias: nil))
            }
        } while take(.comma)
        return .list(items)
    }

    // MARK: FROM

    private mutating func sources() throws(QueryError) -> [ParsedSource] {
        var sources = [try source()]
        while take(.join) {
            sources.append(try source())
        }
        return sources
    }

    private mutating func source() throws(QueryError) -> ParsedSource {
        let start = current
        if isName(start), peek().keyword == .in {
            let alias = try name()
            advance()
            let collection = try collection()
            return ParsedSource(
                collection: collection, alias: alias, isIteration: true, location: location(from: start))
        }
        let collection = try collection()
        let place = location(from: start)
        var alias: String?
        if take(.as) {
            alias = try name()
        } else if isName(current) {
            alias = try name()
        }
        return ParsedSource(collection: collection, alias: alias, isIteration: false, location: place)
    }

    private mutating func collection() throws(QueryError) -> ParsedCollection {
        if take(.leftParenthesis) {
            let query = try query()
            try expect(.rightParenthesis)
            return .subquery(query)
        }
        let root = try name()
        var steps: [ParsedPathStep] = []
        while true {
            if take(.dot) {
                steps.append(.name(try name()))
            } else if take(.leftBracket) {
                steps.append(try bracketStep())
                try expect(.rightBracket)
            } else {
                return .path(root: root, steps: steps)
            }
        }
    }

    private mutating func bracketStep() throws(QueryError) -> ParsedPathStep {
        let token = current
        switch token.kind {
        case .string:
            return .quotedName(try stringLiteral())
        case .number:
            advance()
            guard let index = Int(spelling(of: token)) else { throw unexpected(token) }
            return .index(index)
        default:
            throw unexpected()
        }
    }

    // MARK: ORDER BY

    private mutating func orderByClause(_ query: inout ParsedQuery) throws(QueryError) {
        guard take(.order) else { return }
        try expect(.by)
        // RANK may also name a property's root; it opens a ranking only before a function call.
        if current.keyword == .rank, peek().kind == .identifier, peek(2).kind == .leftParenthesis {
            advance()
            query.isRanked = true
        }
        repeat {
            let expression = try expression()
            let isDescending: Bool? = take(.desc) ? true : take(.asc) ? false : nil
            query.orderBy.append(ParsedOrderItem(expression: expression, isDescending: isDescending))
        } while take(.comma)
    }
}
