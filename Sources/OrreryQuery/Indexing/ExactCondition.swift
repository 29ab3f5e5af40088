/// Turns a filter into what an index decides by itself: the condition holds of exactly the documents for which the
/// filter is true. Where one part of a filter cannot be told so, nor can the filter.
struct ExactConditionPlanner {
    /// The slot that holds the documents.
    let slot: Int

    /// The longest string, in bytes, that an index surely keeps whole.
    private static let wholeStringBytesMax = 200

    func condition(_ expression: BoundExpression) -> PathCondition? {
        if let path = path(expression) { return .equal(path, .boolean(true)) }
        switch expression {
        case .logical(.and, let terms): return conditions(terms).map { .all(PathCondition.meeting($0)) }
        case .logical(.or, let terms): return conditions(terms).map { .any($0) }
        case .unary(.not, let operand): return negated(operand)
        case .binary(let comparison, let left, .constant(let value)):
            return path(left).flatMap { Self.when($0, comparison, value) }
        case .binary(let comparison, .constant(let value), let right):
            return path(right).flatMap { Self.when($0, comparison.mirrored, value) }
        case .membership(let needle, let list, let isNegated):
            return path(needle).flatMap { isNegated ? Self.when($0, isNoneOf: list) : Self.when($0, isOneOf: list) }
        case .between(let value, .constant(let lower), .constant(let upper), isNegated: false):
            guard let path = path(value), lower.kind == upper.kind, let first = Self.told(lower),
                let last = Self.told(upper), first.isOrdered
            else { return nil }
            return .between(path, .closed(first), .closed(last))
        case .call(let function, let arguments): return condition(function.name, arguments)
        default: return nil
        }
    }

    /// What holds where an expression is false. An equality is that for every other value that the path has, of
    /// whatever type; an order is undefined between types, and so not taken here.
    private func negated(_ expression: BoundExpression) -> PathCondition? {
        if let path = path(expression) { return .equal(path, .boolean(false)) }
        switch expression {
        case .binary(.equal, let left, let right): return condition(.binary(.notEqual, left, right))
        case .binary(.notEqual, let left, let right): return condition(.binary(.equal, left, right))
        case .membership(let needle, let list, let isNegated):
            return condition(.membership(needle, list: list, isNegated: !isNegated))
        default: return nil
        }
    }

    private func conditions(_ terms: [BoundExpression]) -> [PathCondition]? {
        var conditions: [PathCondition] = []
        for term in terms {
            guard let condition = condition(term) else { return nil }
            conditions.append(condition)
        }
        return conditions
    }

    private func path(_ expression: BoundExpression) -> DocumentPath? {
        expression.plainPath(documents: slot).flatMap { $0.steps.isEmpty ? nil : $0 }
    }

    /// A constant that the index tells from every other.
    static func told(_ value: Value) -> PathValue? {
        guard let constant = PathValue(value) else { return nil }
        switch constant {
        case .null, .boolean: return constant
        case .number(let number): return number.isFinite ? constant : nil
        case .string(let text): return text.utf8.count <= wholeStringBytesMax ? constant : nil
        case .array, .object: return nil
        }
    }

    static func when(_ path: DocumentPath, _ comparison: BinaryOperator, _ value: Value) -> PathCondition? {
        guard let constant = told(value) else { return nil }
        switch comparison {
        case .equal: return .equal(path, constant)
        case .notEqual: return .noneOf(path, [constant])
        case .greaterOrEqual where constant.isOrdered: return .between(path, .closed(constant), nil)
        case .lessOrEqual where constant.isOrdered: return .between(path, nil, .closed(constant))
        case .greater where constant.isOrdered: return .between(path, .open(constant), nil)
        case .less where constant.isOrdered: return .between(path, nil, .open(constant))
        default: return nil
        }
    }

    private static func when(_ path: DocumentPath, isOneOf list: [BoundExpression]) -> PathCondition? {
        var conditions: [PathCondition] = []
        for expression in list {
            guard case .constant(let value) = expression else { return nil }
            if value.isUndefined { continue }
            guard let constant = told(value) else { return nil }
            conditions.append(.equal(path, constant))
        }
        return .any(conditions)
    }

    private static func when(_ path: DocumentPath, isNoneOf list: [BoundExpression]) -> PathCondition? {
        guard case .any(let equalities)? = when(path, isOneOf: list) else { return nil }
        var values: [PathValue] = []
        for case .equal(_, let value) in equalities { values.append(value) }
        return values.isEmpty ? .isDefined(path) : .noneOf(path, values)
    }

    private func condition(_ function: String, _ arguments: [BoundExpression]) -> PathCondition? {
        guard let path = arguments.first.flatMap(path) else { return nil }
        switch function {
        case "IS_DEFINED": return .isDefined(path)
        case "IS_NULL": return .equal(path, .null)
        case "IS_ARRAY": return .equal(path, .array)
        case "IS_OBJECT": return .equal(path, .object)
        case "IS_BOOL": return .between(path, .closed(.boolean(false)), .closed(.boolean(true)))
        case "IS_NUMBER": return .between(path, .closed(.number(-.infinity)), .closed(.number(.infinity)))
        case "IS_STRING": return .beginsWith(path, "")
        case "STARTSWITH":
            guard arguments.count == 2, case .constant(let value) = arguments[1],
                case .string(let prefix)? = Self.told(value)
            else { return nil }
            return .beginsWith(path, prefix)
        case "ARRAY_CONTAINS":
            // Of a part of an object an index cannot tell in which element it is.
            guard arguments.count >= 2, case .constant(let value) = arguments[1], let constant = Self.told(value),
                arguments.dropFirst(2).allSatisfy({ if case .constant(.boolean) = $0 { true } else { false } })
            else { return nil }
            return .equal(path.appending(.element), constant)
        default: return nil
        }
    }
}

extension PathValue {
    /// Whether `<` and its kind are defined for the type.
    var isOrdered: Bool {
        switch self {
        case .boolean, .number, .string: true
        case .null, .array, .object: false
        }
    }
}
