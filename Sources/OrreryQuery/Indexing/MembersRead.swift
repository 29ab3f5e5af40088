/// Finds which top-level members of the documents a query reads, so that nobody need look at the others.
struct MembersRead {
    private let slot: Int
    private var names: Set<[UInt8]> = []
    /// False once something reads a document as a whole.
    private var isKnown = true

    /// More names than this are found no sooner than the whole document is read.
    private static let namesMax = 12

    private init(slot: Int) {
        self.slot = slot
    }

    /// Nil where the query reads documents as a whole, or none.
    /// - Parameter isOutermost: whether its rows are the page's, and nothing is made of them.
    static func names(of query: BoundQuery, isOutermost: Bool = true) -> [[UInt8]]? {
        if case .derived(let inner, _) = query.root { return names(of: inner, isOutermost: false) }
        guard case .documents(let slot) = query.root else { return nil }
        var members = MembersRead(slot: slot)
        var evaluated = query
        // Rows that are documents are given by their texts.
        if isOutermost, query.givesDocuments { evaluated.projection = .constant(.undefined) }
        members.visit(evaluated)
        guard members.isKnown, members.names.count <= namesMax else { return nil }
        return members.names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private mutating func visit(_ query: BoundQuery) {
        if case .derived(let inner, _) = query.root { visit(inner) }
        for source in query.sources {
            if case .subquery(let inner, _) = source.kind { visit(inner) }
        }
        for expression in query.expressions { visit(expression) }
    }

    private mutating func visit(_ expression: BoundExpression) {
        switch expression {
        case .slot(slot): isKnown = false
        case .member(.slot(slot), let name): names.insert(Array(name.utf8))
        case .index(.slot(slot), .constant(let index)):
            if let name = index.string { names.insert(Array(name.utf8)) } else { isKnown = false }
        case .subquery(_, let query): visit(query)
        default:
            for child in expression.children { visit(child) }
        }
    }
}
