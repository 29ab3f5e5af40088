import OrreryKeys

/// Finds the partition keys for which a query's filter can be true, from equality, IN, ARRAY_CONTAINS and type tests
/// on the key's paths and their AND and OR. Whatever it does not understand leaves every key possible.
struct PartitionKeyPlanner {
    /// The names of each path of the partition key.
    let paths: [[[UInt8]]]
    /// The document path that each slot stands for; slots that stand for anything else are missing.
    private var pathsBySlot: [Int: [[UInt8]]] = [:]
    /// Whether parameters that a template leaves open are compared with a key: with their values there are fewer keys.
    private(set) var dependsOnParameters = false

    init(paths: [[[UInt8]]]) {
        self.paths = paths
    }

    /// - Parameter query: the statement, its constants folded.
    mutating func keySet(of query: BoundQuery, isHierarchical: Bool) -> PartitionKeySet {
        if case .none = query.root { return .none }
        guard !paths.isEmpty else {
            if case .constant(let value)? = query.filter, !value.isTrue { return .none }
            return .all
        }
        return constraint(of: query).keySet(isHierarchical: isHierarchical)
    }

    private var anything: PartitionKeyConstraint { .anything(paths.count) }
    private var nothing: PartitionKeyConstraint { .nothing(paths.count) }

    /// What holds of the document for which the query yields a row.
    private mutating func constraint(of query: BoundQuery) -> PartitionKeyConstraint {
        var result = anything
        switch query.root {
        case .none: break
        case .documents(let slot): pathsBySlot[slot] = []
        case .derived(let derived, let slot):
            if derived.isStreaming, derived.limit == nil {
                result = constraint(of: derived)
                if let path = documentPath(of: derived.projection) { pathsBySlot[slot] = path }
            }
        }
        for source in query.sources {
            if case .single(let expression) = source.kind, let path = documentPath(of: expression) {
                pathsBySlot[source.slot] = path
            }
        }
        return query.filter.map { result.and(whenTrue($0)) } ?? result
    }

    /// The path in the document that an expression reads.
    private func documentPath(of expression: BoundExpression) -> [[UInt8]]? {
        switch expression {
        case .slot(let slot): return pathsBySlot[slot]
        case .member(let base, let name):
            guard let path = documentPath(of: base) else { return nil }
            return path + [Array(name.utf8)]
        default: return nil
        }
    }

    /// Which of the key's paths an expression reads.
    private func keyPath(of expression: BoundExpression) -> Int? {
        documentPath(of: expression).flatMap { path in paths.firstIndex { $0 == path } }
    }

    private func at(_ path: Int, _ values: [Value]) -> PartitionKeyConstraint {
        .values(values.compactMap(PartitionKeyValue.init), at: path, of: paths.count)
    }

    // MARK: Conditions

    private mutating func whenTrue(_ expression: BoundExpression) -> PartitionKeyConstraint {
        if let path = keyPath(of: expression) { return at(path, [.boolean(true)]) }
        switch expression {
        case .constant(let value): return value.isTrue ? anything : nothing
        case .logical(.and, let terms):
            var result = anything
            for term in terms { result = result.and(whenTrue(term)) }
            return result
        case .logical(.or, let terms):
            var constraints: [PartitionKeyConstraint] = []
            for term in terms { constraints.append(whenTrue(term)) }
            return .any(constraints, paths.count)
        case .unary(.not, let operand):
            return keyPath(of: operand).map { at($0, [.boolean(false)]) } ?? anything
        case .binary(.equal, .parameter, let other), .binary(.equal, let other, .parameter):
            note(other)
            return whenDefined(other)
        case .binary(.equal, let left, let right):
            return whenEqual(left, right).and(whenDefined(left)).and(whenDefined(right))
        case .binary(_, let left, let right): return whenDefined(left).and(whenDefined(right))
        case .membership(let needle, let list, isNegated: false):
            if let path = keyPath(of: needle), let values = Self.constants(list) { return at(path, values) }
            for case .parameter in list { note(needle) }
            return .any(list.map { whenEqual(needle, $0) }, paths.count)
        case .conditional(let condition, let first, let second):
            return .any([whenTrue(condition).and(whenTrue(first)), whenTrue(second)], paths.count)
        case .call(let function, let arguments): return whenTrue(function, arguments)
        case .subquery(.exists, let query), .subquery(.scalar, let query): return whenYields(query)
        default: return anything
        }
    }

    /// Takes down that something is compared with an open parameter.
    private mutating func note(_ other: BoundExpression) {
        if keyPath(of: other) != nil { dependsOnParameters = true }
    }

    private func whenEqual(_ left: BoundExpression, _ right: BoundExpression) -> PartitionKeyConstraint {
        if let path = keyPath(of: left), case .constant(let value) = right { return at(path, [value]) }
        if let path = keyPath(of: right), case .constant(let value) = left { return at(path, [value]) }
        if case .constant(let a) = left, case .constant(let b) = right {
            return Value.areSame(a, b) ? anything : nothing
        }
        return anything
    }

    private func whenTrue(_ function: FunctionDefinition, _ arguments: [BoundExpression]) -> PartitionKeyConstraint {
        switch function.name {
        case "IS_BOOL":
            return keyPath(of: arguments[0]).map { at($0, [.boolean(false), .boolean(true)]) } ?? anything
        case "IS_NULL":
            return keyPath(of: arguments[0]).map { at($0, [.null]) } ?? anything
        case "ARRAY_CONTAINS":
            guard arguments.count == 2, let path = keyPath(of: arguments[1]), case .constant(let array) = arguments[0],
                let elements = array.elements
            else { return anything }
            return at(path, elements)
        default: return anything
        }
    }

    /// A comparison is true only when both its sides are defined, and a scalar subquery only when it yields a row.
    private mutating func whenDefined(_ expression: BoundExpression) -> PartitionKeyConstraint {
        if case .subquery(.scalar, let query) = expression { return whenYields(query) }
        return anything
    }

    private mutating func whenYields(_ query: BoundQuery) -> PartitionKeyConstraint {
        query.isGrouped ? anything : constraint(of: query)
    }

    private static func constants(_ expressions: [BoundExpression]) -> [Value]? {
        var values: [Value] = []
        for expression in expressions {
            guard case .constant(let value) = expression else { return nil }
            values.append(value)
        }
        return values
    }
}

extension PartitionKeyValue {
    /// A constant as a component of a key; nil for undefined, which nothing equals.
    fileprivate init?(_ value: Value) {
        switch value.kind {
        case .undefined: return nil
        case .null: self = .null
        case .boolean: self = .boolean(value.isTrue)
        case .number: self = .number(value.double ?? 0)
        case .string: self = .string(value.string ?? "")
        case .array, .object: self = .undefined
        }
    }
}
