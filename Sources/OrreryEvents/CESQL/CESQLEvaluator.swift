/// Evaluates expressions over one event. An operation one of whose operands failed gives the zero of its own type and
/// the operand's error, and looks at no further operand.
struct CESQLEvaluator {
    let event: Event

    func evaluate(_ node: CESQLNode) -> CESQLOutcome {
        switch node {
        case .literal(let value): CESQLOutcome(value)
        case .attribute(let name):
            attribute(name).map { CESQLOutcome($0) } ?? CESQLOutcome(.boolean(false), .missingAttribute)
        case .exists(let name): CESQLOutcome(.boolean(attribute(name) != nil))
        case .not(let operand): not(operand)
        case .negative(let operand): negative(operand)
        case .like(let operand, let pattern, let isNegated): like(operand, pattern, isNegated)
        case .isIn(let operand, let elements, let isNegated): isIn(operand, elements, isNegated)
        case .arithmetic(let first, let rest): arithmetic(first, rest)
        case .comparison(let first, let rest): comparison(first, rest)
        case .logic(let first, let rest): logic(first, rest)
        case .call(let function, let arguments): call(function, arguments)
        case .unknownCall: CESQLOutcome(.boolean(false), .missingFunction)
        }
    }

    private func attribute(_ name: String) -> CESQLValue? {
        switch name {
        case "specversion": return .string("1.0")
        case "id": return .string(event.id)
        case "source": return .string(event.source)
        case "type": return .string(event.type)
        case "subject": return event.subject.map { .string($0) }
        case "time": return event.time.map { .string($0) }
        case "datacontenttype": return event.dataContentType.map { .string($0) }
        case "dataschema": return event.dataSchema.map { .string($0) }
        default: break
        }
        switch event[extension: name] {
        case nil: return nil
        case .string(let text): return .string(text)
        case .integer(let number): return .integer(number)
        case .boolean(let flag): return .boolean(flag)
        }
    }

    /// An operand as a value of a type. `value` is that type's zero where there is no such value.
    private func operand(_ node: CESQLNode, as type: CESQLType) -> CESQLOutcome {
        let outcome = evaluate(node)
        if let error = outcome.error { return CESQLOutcome(type.zero, error) }
        guard let value = outcome.value.cast(to: type) else { return CESQLOutcome(type.zero, .cast) }
        return CESQLOutcome(value)
    }

    // MARK: One operand

    /// What cannot be cast counts as false here, so its negation is true, with the error beside it.
    private func not(_ node: CESQLNode) -> CESQLOutcome {
        let outcome = operand(node, as: .boolean)
        if let error = outcome.error, error != .cast { return CESQLOutcome(.boolean(false), error) }
        return CESQLOutcome(.boolean(!outcome.value.isTrue), outcome.error)
    }

    private func negative(_ node: CESQLNode) -> CESQLOutcome {
        let outcome = operand(node, as: .integer)
        guard outcome.error == nil, case .integer(let number) = outcome.value else { return outcome }
        let (result, overflows) = Int32(0).subtractingReportingOverflow(number)
        return overflows ? CESQLOutcome(.integer(0), .math) : CESQLOutcome(.integer(result))
    }

    private func like(_ node: CESQLNode, _ pattern: CESQLPattern, _ isNegated: Bool) -> CESQLOutcome {
        let outcome = operand(node, as: .string)
        guard outcome.error == nil, case .string(let text) = outcome.value else {
            return CESQLOutcome(.boolean(false), outcome.error)
        }
        return CESQLOutcome(.boolean(pattern.matches(text) != isNegated))
    }

    /// The elements become values of the left side's type, one after the other until one is equal.
    private func isIn(_ node: CESQLNode, _ elements: [CESQLNode], _ isNegated: Bool) -> CESQLOutcome {
        let left = evaluate(node)
        if let error = left.error { return CESQLOutcome(.boolean(false), error) }
        for element in elements {
            let right = operand(element, as: left.value.type)
            if let error = right.error { return CESQLOutcome(.boolean(false), error) }
            if right.value == left.value { return CESQLOutcome(.boolean(!isNegated)) }
        }
        return CESQLOutcome(.boolean(isNegated))
    }

    // MARK: Chains

    private func arithmetic(
        _ first: CESQLNode, _ rest: [(operation: CESQLNode.Arithmetic, operand: CESQLNode)]
    ) -> CESQLOutcome {
        let start = operand(first, as: .integer)
        guard start.error == nil, case .integer(var result) = start.value else { return start }
        for (operation, node) in rest {
            let outcome = operand(node, as: .integer)
            guard outcome.error == nil, case .integer(let number) = outcome.value else { return outcome }
            let (value, fails) = Self.apply(operation, result, number)
            if fails { return CESQLOutcome(.integer(0), .math) }
            result = value
        }
        return CESQLOutcome(.integer(result))
    }

    private static func apply(
        _ operation: CESQLNode.Arithmetic, _ left: Int32, _ right: Int32
    ) -> (partialValue: Int32, overflow: Bool) {
        switch operation {
        case .multiply: left.multipliedReportingOverflow(by: right)
        case .divide: left.dividedReportingOverflow(by: right)
        case .remainder: left.remainderReportingOverflow(dividingBy: right)
        case .add: left.addingReportingOverflow(right)
        case .subtract: left.subtractingReportingOverflow(right)
        }
    }

    private func comparison(
        _ first: CESQLNode, _ rest: [(operation: CESQLNode.Comparison, operand: CESQLNode)]
    ) -> CESQLOutcome {
        var left = evaluate(first)
        for (operation, node) in rest {
            if left.error != nil { break }
            left = compare(left.value, operation, evaluate(node))
        }
        return left.error == nil ? left : CESQLOutcome(.boolean(false), left.error)
    }

    /// Equality takes the right side's type, order takes numbers.
    private func compare(
        _ left: CESQLValue, _ operation: CESQLNode.Comparison, _ right: CESQLOutcome
    ) -> CESQLOutcome {
        if right.error != nil { return right }
        if operation == .equal || operation == .notEqual {
            guard let left = left.cast(to: right.value.type) else { return CESQLOutcome(.boolean(false), .cast) }
            return CESQLOutcome(.boolean((left == right.value) == (operation == .equal)))
        }
        guard case .integer(let left) = left.cast(to: .integer),
            case .integer(let right) = right.value.cast(to: .integer)
        else { return CESQLOutcome(.boolean(false), .cast) }
        return switch operation {
        case .less: CESQLOutcome(.boolean(left < right))
        case .lessOrEqual: CESQLOutcome(.boolean(left <= right))
        case .greater: CESQLOutcome(.boolean(left > right))
        default: CESQLOutcome(.boolean(left >= right))
        }
    }

    /// `a XOR rest` is `rest`, or its opposite where `a` is true; so a chain is one walk from its start, which ends
    /// where `AND` meets false or `OR` meets true.
    private func logic(
        _ first: CESQLNode, _ rest: [(operation: CESQLNode.Logic, operand: CESQLNode)]
    ) -> CESQLOutcome {
        var isNegated = false
        var node = first
        for (operation, next) in rest {
            let outcome = operand(node, as: .boolean)
            if outcome.error != nil { return outcome }
            let isTrue = outcome.value.isTrue
            switch operation {
            case .and: if !isTrue { return CESQLOutcome(.boolean(isNegated)) }
            case .or: if isTrue { return CESQLOutcome(.boolean(!isNegated)) }
            case .xor: isNegated = isNegated != isTrue
            }
            node = next
        }
        let outcome = operand(node, as: .boolean)
        return outcome.error != nil ? outcome : CESQLOutcome(.boolean(outcome.value.isTrue != isNegated))
    }

    private func call(_ function: CESQLFunction, _ arguments: [CESQLNode]) -> CESQLOutcome {
        var values: [CESQLValue] = []
        for (position, argument) in arguments.enumerated() {
            let outcome = function.parameterType(at: position).map { operand(argument, as: $0) } ?? evaluate(argument)
            if let error = outcome.error { return CESQLOutcome(function.resultType.zero, error) }
            values.append(outcome.value)
        }
        return function.call(values)
    }
}
