import OrreryDocuments

/// Evaluates expressions over the current row: the slots that FROM bound, and within a group its keys and aggregates.
/// Operators are in `Evaluator+Operators.swift`, subqueries in `Evaluator+Subqueries.swift`.
struct Evaluator {
    /// The values of the parameters that the plan leaves open.
    let parameters: [Value]
    var slots: [Value]
    var groupKeys: [Value] = []
    var aggregates: [Value] = []
    /// The rows of the query in FROM that was run first.
    var derivedRows: [Value] = []
    /// How many rows came by each probe of the plan.
    var probeCounts: [Int: Int] = [:]
    var context: EvaluationContext

    init(slotCount: Int, parameters: [Value] = [], context: EvaluationContext) {
        self.parameters = parameters
        slots = Array(repeating: .undefined, count: slotCount)
        self.context = context
    }

    mutating func evaluate(_ expression: PhysicalExpression) throws(QueryError) -> Value {
        switch expression {
        case .constant(let value): return value
        case .parameter(let index): return parameters[index]
        case .slot(let slot): return slots[slot]
        case .path(let slot, let steps): return try follow(steps, from: slots[slot])
        case .step(let base, let step): return try evaluate(base).following(step)
        case .subscripted(let base, let index):
            let base = try evaluate(base)
            return base.subscripted(by: try evaluate(index))
        case .not(let operand):
            guard let value = try evaluate(operand).boolean else { return .undefined }
            return .boolean(!value)
        case .arithmetic(let operation, let operand): return Self.apply(operation, try evaluate(operand))
        case .compare(let operation, let left, let right):
            let left = try evaluate(left)
            try context.spend(left.weightBytes)
            return Self.compare(operation, left, try evaluate(right))
        case .compute(let operation, let left, let right):
            let left = try evaluate(left)
            return try Self.compute(operation, left, try evaluate(right), context.limits)
        case .and(let terms): return try evaluateAnd(terms)
        case .or(let terms): return try evaluateOr(terms)
        case .coalesce(let left, let right):
            let left = try evaluate(left)
            return left.isUndefined ? try evaluate(right) : left
        case .conditional(let condition, let first, let second):
            return try evaluate(condition).isTrue ? try evaluate(first) : try evaluate(second)
        case .array(let elements): return try evaluateArray(elements)
        case .object(let properties): return try evaluateObject(properties)
        case .call(let function, let arguments): return try evaluateCall(function, arguments)
        case .memberOfSet, .memberOfList, .like, .likeComputed, .between: return try evaluatePredicate(expression)
        case .subquery(let kind, let plan): return try evaluateSubquery(kind, plan)
        case .let(let slot, let value, let body):
            slots[slot] = try evaluate(value)
            return try evaluate(body)
        case .aggregate(let index): return aggregates.indices.contains(index) ? aggregates[index] : .undefined
        case .groupKey(let index): return groupKeys.indices.contains(index) ? groupKeys[index] : .undefined
        }
    }

    private mutating func follow(_ steps: [PathStep], from start: Value) throws(QueryError) -> Value {
        // The usual path leads through one document: it stays on the tape until its end.
        guard case .node(var node) = start else { return steps.reduce(start) { $0.following($1) } }
        for step in steps {
            switch step {
            case .name(let name):
                guard let next = node[name] else { return .undefined }
                node = next
            case .index(let index):
                try context.spend(min(max(0, index), node.count) * 16)
                guard let next = node[index] else { return .undefined }
                node = next
            }
        }
        return Value(node)
    }

    private mutating func evaluateArray(_ elements: [PhysicalExpression]) throws(QueryError) -> Value {
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for element in elements { values.append(try evaluate(element)) }
        return try Value.array(values, limits: context.limits)
    }

    /// Names are distinct already, and undefined members are left out.
    private mutating func evaluateObject(_ properties: [PhysicalProperty]) throws(QueryError) -> Value {
        var members: [ComputedMember] = []
        members.reserveCapacity(properties.count)
        var weight = 2
        for property in properties {
            let value = try evaluate(property.value)
            if value.isUndefined { continue }
            members.append(ComputedMember(name: property.name, value: value))
            weight = weight.saturatingSum(property.name.utf8.count + 4).saturatingSum(value.weightBytes)
        }
        return try Value.object(ComputedObject(members: members, weightBytes: weight)).checked(context.limits)
    }

    // MARK: Calls

    private mutating func evaluateCall(
        _ function: FunctionDefinition, _ arguments: [PhysicalExpression]
    ) throws(QueryError) -> Value {
        switch function.evaluation {
        case .none(let body):
            return try body(&context)
        case .one(let body):
            guard let argument = try argument(0, of: function, arguments) else { return .undefined }
            return body(argument)
        case .two(let body):
            guard let first = try argument(0, of: function, arguments),
                let second = try argument(1, of: function, arguments)
            else { return .undefined }
            return body(first, second)
        case .three(let body):
            guard let first = try argument(0, of: function, arguments),
                let second = try argument(1, of: function, arguments),
                let third = try argument(2, of: function, arguments)
            else { return .undefined }
            return body(first, second, third)
        case .many(let body):
            var values: [Value] = []
            for index in 0..<max(arguments.count, function.parameters.count) {
                guard let value = try argument(index, of: function, arguments) else { return .undefined }
                values.append(value)
            }
            return try body(values, &context)
        case .aggregate, .unsupported:
            throw .unsupported("The function '\(function.name)'")
        }
    }

    /// An argument, or undefined where it was left out; nil when it is not of the parameter's type.
    private mutating func argument(
        _ index: Int, of function: FunctionDefinition, _ arguments: [PhysicalExpression]
    ) throws(QueryError) -> Value? {
        guard index < arguments.count else { return .some(.undefined) }
        let value = try evaluate(arguments[index])
        guard let parameter = function.parameter(at: index), parameter.type.accepts(value) else { return nil }
        try context.spend(value.weightBytes)
        return value
    }
}
