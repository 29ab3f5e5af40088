import OrreryDocuments

extension Value {
    /// `=`: nil (undefined) when a side is undefined; else deep equality, false between types.
    static func equals(_ a: Value, _ b: Value) -> Bool? {
        if a.isUndefined || b.isUndefined { return nil }
        return areSame(a, b)
    }

    /// Deep equality: numbers as IEEE doubles (a NaN differs from itself), objects whatever their members' order.
    static func areSame(_ a: Value, _ b: Value) -> Bool {
        let kind = a.kind
        guard kind == b.kind else { return false }
        switch kind {
        case .undefined, .null: return true
        case .boolean: return a.boolean == b.boolean
        case .number: return a.double == b.double
        case .string:
            if case .node(let node) = a, case .string(let string) = b { return node.isString(string) }
            return compareStrings(a, b) == .same
        case .array:
            if case .node(let x) = a, case .node(let y) = b { return deepEqual(x, y) }
            guard a.count == b.count, let x = a.elements, let y = b.elements else { return false }
            return zip(x, y).allSatisfy { areSame($0, $1) }
        case .object:
            if case .node(let x) = a, case .node(let y) = b { return deepEqual(x, y) }
            guard a.count == b.count, let members = a.members else { return false }
            return members.allSatisfy { areSame($0.value, b.member($0.name)) }
        }
    }

    /// `< <= > >=`: nil (undefined) unless both are null, booleans, numbers or strings alike, and neither is NaN.
    static func ordered(_ a: Value, _ b: Value) -> JSONOrder? {
        let kind = a.kind
        guard kind == b.kind else { return nil }
        switch kind {
        case .undefined, .array, .object: return nil
        case .null: return .same
        case .boolean: return order(a.boolean == true ? 1 : 0, b.boolean == true ? 1 : 0)
        case .number:
            guard let x = a.double, let y = b.double, !x.isNaN, !y.isNaN else { return nil }
            return JSONOrder.compare(x, y)
        case .string: return compareStrings(a, b)
        }
    }

    /// Strings by the bytes of their UTF-8.
    static func compareStrings(_ a: Value, _ b: Value) -> JSONOrder {
        switch (a, b) {
        case (.string(let x), .string(let y)): JSONOrder.compare(x, y)
        case (.node(let x), .node(let y)): JSONOrder.compare(x, y)
        case (.node(let x), .string(let y)): JSONOrder.compare(x, JSONValue.string(y))
        case (.string(let x), .node(let y)): JSONOrder.compare(y, JSONValue.string(x)).reversed
        default: .same
        }
    }

    private static func order(_ a: Int, _ b: Int) -> JSONOrder {
        a < b ? .before : a > b ? .after : .same
    }
}
