/// Finds what an index can look up for a query: the comparisons of paths with constants in its filter, under AND and
/// OR, through JOINs and EXISTS. Whatever it does not understand it leaves out of an AND, and gives up an OR for.
struct PathConditionPlanner {
    /// The document path that each slot stands for; slots that stand for anything else are missing.
    private var pathsBySlot: [Int: DocumentPath] = [:]

    /// - Parameter query: the statement, its constants folded.
    mutating func condition(of query: BoundQuery) -> PathCondition? {
        condition(of: query, filter: query.filter)
    }

    /// The same with another filter in the statement.
    mutating func condition(of query: BoundQuery, filter: BoundExpression?) -> PathCondition? {
        var terms: [PathCondition] = []
        switch query.root {
        case .none: break
        case .documents(let slot): pathsBySlot[slot] = DocumentPath()
        case .derived(let derived, let slot):
            let inner = condition(of: derived)
            // Behind a limit or a group the outer filter no longer speaks of each document.
            guard derived.isStreaming, derived.limit == nil, derived.offset == 0 else { return inner }
            if let inner { terms.append(inner) }
            if let path = path(of: derived.projection) { pathsBySlot[slot] = path }
        }
        for source in query.sources { add(source) }
        if let filter, let condition = whenTrue(filter) { terms.append(condition) }
        return Self.all(terms)
    }

    private mutating func add(_ source: BoundSource) {
        switch source.kind {
        case .single(let expression):
            if let path = path(of: expression) { pathsBySlot[source.slot] = path }
        case .iteration(let expression):
            if let path = path(of: expression) { pathsBySlot[source.slot] = path.appending(.element) }
        case .subquery: break
        }
    }

    /// The path that an expression reads.
    private func path(of expression: BoundExpression) -> DocumentPath? {
        switch expression {
        case .slot(let slot): pathsBySlot[slot]
        case .member(let base, let name): path(of: base)?.appending(.property(Array(name.utf8)))
        case .index(let base, .constant(let index)):
            switch index.kind {
            case .number: path(of: base)?.appending(.element)
            case .string: path(of: base)?.appending(.property(Array((index.string ?? "").utf8)))
            default: nil
            }
        default: nil
        }
    }

    static func all(_ terms: [PathCondition]) -> PathCondition? {
        let parts = PathCondition.meeting(terms)
        return parts.count > 1 ? .all(parts) : parts.first
    }

    // MARK: Conditions

    private mutating func whenTrue(_ expression: BoundExpression) -> PathCondition? {
        if let path = path(of: expression) { return .equal(path, .boolean(true)) }
        switch expression {
        case .logical(.and, let terms):
            var conditions: [PathCondition] = []
            for term in terms { if let condition = whenTrue(term) { conditions.append(condition) } }
            return Self.all(conditions)
        case .logical(.or, let terms):
            var conditions: [PathCondition] = []
            for term in terms {
                guard let condition = whenTrue(term) else { return nil }
                conditions.append(condition)
            }
            return .any(conditions)
        case .unary(.not, let operand): return whenFalse(operand)
        case .binary(let comparison, let left, .constant(let value)):
            return path(of: left).flatMap { Self.when($0, comparison, value) }
        case .binary(let comparison, .constant(let value), let right):
            return path(of: right).flatMap { Self.when($0, comparison.mirrored, value) }
        case .membership(let needle, let list, isNegated: false):
            return path(of: needle).flatMap { Self.when($0, isOneOf: list) }
        case .membership(let needle, let list, isNegated: true):
            return path(of: needle).map { Self.when($0, isNoneOf: list) }
        case .between(let value, .constant(let lower), .constant(let upper), isNegated: false):
            guard let path = path(of: value), let first = PathValue(lower), let last = PathValue(upper),
                lower.kind == upper.kind, first.isOrdered
            else { return nil }
            return .between(path, .closed(first), .closed(last))
        case .like(let text, .constant(let pattern), let escape, isNegated: false):
            guard let path = path(of: text), let prefix = pattern.string.map({ Self.prefix(ofPattern: $0, escape) })
            else { return nil }
            return .beginsWith(path, prefix)
        // Only a string is unlike a pattern.
        case .like(let text, _, _, isNegated: true): return path(of: text).map { .beginsWith($0, "") }
        case .call(let function, let arguments): return whenTrue(function.name, arguments)
        case .subquery(.exists, let query), .subquery(.scalar, let query): return whenYields(query)
        default: return nil
        }
    }

    /// What holds where an expression is false, which is less than that it is not true: a comparison of different types
    /// is neither.
    private mutating func whenFalse(_ expression: BoundExpression) -> PathCondition? {
        if let path = path(of: expression) { return .equal(path, .boolean(false)) }
        switch expression {
        case .unary(.not, let operand): return whenTrue(operand)
        case .logical(let operation, let terms):
            let negated = terms.map { BoundExpression.unary(.not, $0) }
            return whenTrue(.logical(operation == .and ? .or : .and, negated))
        case .binary(let comparison, let left, .constant(let value)):
            guard let path = path(of: left), let opposite = comparison.opposite, value.double?.isFinite != false else {
                return nil
            }
            return Self.when(path, opposite, value)
        case .binary(let comparison, .constant(let value), let right):
            return whenFalse(.binary(comparison.mirrored, right, .constant(value)))
        case .membership(let needle, let list, let isNegated):
            return whenTrue(.membership(needle, list: list, isNegated: !isNegated))
        case .like(let text, let pattern, let escape, let isNegated):
            return whenTrue(.like(text, pattern: pattern, escape: escape, isNegated: !isNegated))
        default: return nil
        }
    }

    static func when(_ path: DocumentPath, _ comparison: BinaryOperator, _ value: Value) -> PathCondition? {
        if let exact = ExactConditionPlanner.when(path, comparison, value) { return exact }
        guard let constant = PathValue(value) else { return nil }
        if comparison == .equal { return whenSame(path, value) }
        if comparison == .notEqual { return .isDefined(path) }
        guard constant.isOrdered else { return nil }
        // A long string shares its place with others, which may be on either side of it.
        return switch comparison {
        case .less, .lessOrEqual: .between(path, nil, .closed(constant))
        case .greater, .greaterOrEqual: .between(path, .closed(constant), nil)
        default: nil
        }
    }

    private static func when(_ path: DocumentPath, isOneOf list: [BoundExpression]) -> PathCondition? {
        var conditions: [PathCondition] = []
        for expression in list {
            guard case .constant(let value) = expression else { return nil }
            if let condition = whenSame(path, value) { conditions.append(condition) }
        }
        return .any(conditions)
    }

    /// Parts of an array or object that are looked up, and how deep they may be in it; the filter sees to the others.
    private static let partsMax = 4
    private static let partDepthMax = 4

    /// What holds where a path has a value, or an object of which that is a part; nil for undefined, which nothing is.
    /// An index knows what an array or object is made of, each part by itself.
    static func whenSame(_ path: DocumentPath, _ value: Value) -> PathCondition? {
        var parts: [PathCondition] = []
        addParts(of: value, at: path, depth: 0, to: &parts)
        return all(parts)
    }

    private static func addParts(
        of value: Value, at path: DocumentPath, depth: Int, to parts: inout [PathCondition]
    ) {
        guard parts.count < partsMax, let constant = PathValue(value) else { return }
        let isOpened = depth < partDepthMax && value.count > 0
        if constant == .object, isOpened {
            for member in (value.members ?? []).prefix(partsMax) {
                let path = path.appending(.property(Array(member.name.utf8)))
                addParts(of: member.value, at: path, depth: depth + 1, to: &parts)
            }
        } else if constant == .array, isOpened {
            for element in (value.elements ?? []).prefix(partsMax) {
                addParts(of: element, at: path.appending(.element), depth: depth + 1, to: &parts)
            }
        } else {
            parts.append(.equal(path, constant))
        }
    }

    private static func when(_ path: DocumentPath, isNoneOf list: [BoundExpression]) -> PathCondition {
        var values: [PathValue] = []
        for case .constant(let value) in list {
            // What the index cannot tell from others is not left out of what it names.
            if let told = ExactConditionPlanner.told(value) { values.append(told) }
        }
        return values.isEmpty ? .isDefined(path) : .noneOf(path, values)
    }

    private func whenTrue(_ function: String, _ arguments: [BoundExpression]) -> PathCondition? {
        guard let first = arguments.first else { return nil }
        switch function {
        case "IS_DEFINED": return path(of: first).map { .isDefined($0) }
        case "IS_NULL": return path(of: first).map { .equal($0, .null) }
        case "IS_ARRAY": return path(of: first).map { .equal($0, .array) }
        case "IS_OBJECT": return path(of: first).map { .equal($0, .object) }
        case "IS_BOOL":
            return path(of: first).map { .between($0, .closed(.boolean(false)), .closed(.boolean(true))) }
        case "IS_NUMBER":
            return path(of: first).map { .between($0, .closed(.number(-.infinity)), .closed(.number(.infinity))) }
        case "IS_STRING": return path(of: first).map { .beginsWith($0, "") }
        case "STARTSWITH", "STRINGEQUALS":
            guard let path = path(of: first), arguments.count >= 2, case .constant(let value) = arguments[1],
                let text = value.string, Self.isCaseSensitive(arguments)
            else { return nil }
            return function == "STARTSWITH" ? .beginsWith(path, text) : .equal(path, .string(text))
        case "ARRAY_CONTAINS":
            guard arguments.count >= 2, case .constant(let value) = arguments[1] else {
                guard arguments.count == 2, let path = path(of: arguments[1]), case .constant(let array) = first,
                    let elements = array.elements
                else { return nil }
                return Self.when(path, isOneOf: elements.map { .constant($0) })
            }
            return path(of: first).flatMap { Self.whenSame($0.appending(.element), value) }
        case "ARRAY_CONTAINS_ALL", "ARRAY_CONTAINS_ANY":
            guard let path = path(of: first)?.appending(.element) else { return nil }
            let values = arguments.dropFirst()
            if function == "ARRAY_CONTAINS_ANY" { return Self.when(path, isOneOf: Array(values)) }
            return Self.all(
                values.compactMap { if case .constant(let value) = $0 { Self.whenSame(path, value) } else { nil } })
        default: return nil
        }
    }

    private static func isCaseSensitive(_ arguments: [BoundExpression]) -> Bool {
        guard arguments.count > 2 else { return true }
        if case .constant(.boolean(false)) = arguments[2] { return true }
        return false
    }

    /// What every text that matches a LIKE pattern begins with.
    private static func prefix(ofPattern pattern: String, _ escape: String?) -> String {
        var prefix = String.UnicodeScalarView()
        for scalar in pattern.unicodeScalars {
            if scalar == "%" || scalar == "_" || scalar == "[" || escape?.unicodeScalars.first == scalar { break }
            prefix.append(scalar)
        }
        return String(prefix)
    }

    /// A subquery that yields a row: what it asks of the document holds for one of its rows at least.
    private mutating func whenYields(_ query: BoundQuery) -> PathCondition? {
        query.isGrouped ? nil : condition(of: query)
    }
}

extension BinaryOperator {
    /// The comparison that holds when the sides change places.
    var mirrored: BinaryOperator {
        switch self {
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        default: self
        }
    }
}

extension Query {
    /// What an index can look up for this query's documents; nil where it can tell nothing.
    public var pathCondition: PathCondition? {
        var planner = PathConditionPlanner()
        return planner.condition(of: folded)
    }
}

extension BinaryOperator {
    /// The comparison that is true where this one is false; nil where there is none.
    fileprivate var opposite: BinaryOperator? {
        switch self {
        case .less: .greaterOrEqual
        case .lessOrEqual: .greater
        case .greater: .lessOrEqual
        case .greaterOrEqual: .less
        case .equal: .notEqual
        case .notEqual: .equal
        default: nil
        }
    }
}
