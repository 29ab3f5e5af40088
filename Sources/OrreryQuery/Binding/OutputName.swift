/// What the columns of a select list are called: the alias, else the last name of a path, else `$1`, `$2` … counting
/// only the unnamed.
enum OutputName {
    static func names(of items: [ParsedSelectItem]) -> [String] {
        var unnamedCount = 0
        return items.map { item in
            if let name = item.alias ?? name(of: item.expression) { return name }
            unnamedCount += 1
            return "$\(unnamedCount)"
        }
    }

    private static func name(of expression: ParsedExpression) -> String? {
        switch expression.kind {
        case .identifier(let name): return name
        case .member(_, let name): return name
        case .index(_, let index):
            if case .literal(.string(let name)) = index.kind { return name }
            return nil
        default: return nil
        }
    }
}
