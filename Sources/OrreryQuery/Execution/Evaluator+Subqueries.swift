import OrreryDocuments

extension Evaluator {
    /// What the consumer of a row answers: whether it wants more.
    enum Demand {
        case more
        case enough
    }

    mutating func evaluateSubquery(_ kind: SubqueryKind, _ plan: PhysicalPlan) throws(QueryError) -> Value {
        switch kind {
        case .scalar, .first:
            var result = Value.undefined
            _ = try rows(of: plan) { value, _ throws(QueryError) in
                result = value
                return .enough
            }
            return result
        case .last:
            var result = Value.undefined
            _ = try rows(of: plan) { value, _ throws(QueryError) in
                result = value
                return .more
            }
            return result
        case .exists:
            var found = false
            _ = try rows(of: plan) { _, _ throws(QueryError) in
                found = true
                return .enough
            }
            return .boolean(found)
        case .all:
            var holds = true
            _ = try rows(of: plan) { value, _ throws(QueryError) in
                holds = value.isTrue
                return holds ? .more : .enough
            }
            return .boolean(holds)
        case .array:
            return try Value.array(gatheredRows(of: plan), limits: context.limits)
        }
    }

    /// Every row of a plan that does not scan documents.
    mutating func gatheredRows(of plan: PhysicalPlan) throws(QueryError) -> [Value] {
        var values: [Value] = []
        var weight = 0
        let limits = context.limits
        _ = try rows(of: plan) { value, _ throws(QueryError) in
            weight = weight.saturatingSum(value.weightBytes)
            guard weight <= limits.valueBytesMax else { throw Value.tooLarge(limits) }
            values.append(value)
            return .more
        }
        return values
    }

    /// Runs a subquery over the current row and hands each of its rows, in order, to `consume`.
    mutating func rows(
        of plan: PhysicalPlan, _ consume: (Value, inout Evaluator) throws(QueryError) -> Demand
    ) throws(QueryError) -> Demand {
        if plan.limit == 0 { return .more }
        switch plan.delivery {
        case .streaming, .sorted: return try streamedRows(of: plan, consume)
        case .gathered: return try groupedRows(of: plan, consume)
        }
    }

    private mutating func streamedRows(
        of plan: PhysicalPlan, _ consume: (Value, inout Evaluator) throws(QueryError) -> Demand
    ) throws(QueryError) -> Demand {
        var remaining = plan.limit ?? Int.max
        var skipped = 0
        // The subquery's own limit ends the subquery alone; only the consumer ends the query around it.
        var demand = Demand.more
        _ = try run(plan.stages[...]) { evaluator throws(QueryError) in
            let value = try evaluator.evaluate(plan.projection)
            if value.isUndefined { return .more }
            if skipped < plan.offset {
                skipped += 1
                return .more
            }
            remaining -= 1
            demand = try consume(value, &evaluator)
            return remaining == 0 ? .enough : demand
        }
        return demand
    }

    private mutating func groupedRows(
        of plan: PhysicalPlan, _ consume: (Value, inout Evaluator) throws(QueryError) -> Demand
    ) throws(QueryError) -> Demand {
        var table = GroupTable(plan, limits: context.limits)
        let enclosing = (groupKeys, aggregates)
        _ = try run(plan.stages[...]) { evaluator throws(QueryError) in
            try table.add(&evaluator)
            return .more
        }
        var values: [Value] = []
        for row in try table.rows(&self) { values.append(row.value) }
        (groupKeys, aggregates) = enclosing
        for value in values.dropFirst(plan.offset).prefix(plan.limit ?? Int.max) {
            if case .enough = try consume(value, &self) { return .enough }
        }
        return .more
    }

    /// Runs the stages over the current row; `body` sees the row with every slot bound, once for each way to bind them.
    mutating func run(
        _ stages: ArraySlice<PhysicalPlan.Stage>, _ body: (inout Evaluator) throws(QueryError) -> Demand
    ) throws(QueryError) -> Demand {
        guard let stage = stages.first else {
            try context.countExpansion()
            return try body(&self)
        }
        let rest = stages.dropFirst()
        switch stage {
        case .filter(let condition):
            return try evaluate(condition).isTrue ? try run(rest, body) : .more
        case .bind(let expression, let slot):
            let value = try evaluate(expression)
            if value.isUndefined { return .more }
            slots[slot] = value
            return try run(rest, body)
        case .derivedRows(let slot):
            return try iterate(Value.array(unchecked: derivedRows), slot, rest, body)
        case .iterate(let expression, let slot):
            return try iterate(try evaluate(expression), slot, rest, body)
        case .apply(let plan, let slot, let opensArrays):
            return try rows(of: plan) { value, evaluator throws(QueryError) in
                if opensArrays, value.kind == .array { return try evaluator.iterate(value, slot, rest, body) }
                evaluator.slots[slot] = value
                return try evaluator.run(rest, body)
            }
        case .nothing:
            return .more
        case .probe(let number):
            probeCounts[number, default: 0] += 1
            return try run(rest, body)
        }
    }

    private mutating func iterate(
        _ array: Value, _ slot: Int, _ rest: ArraySlice<PhysicalPlan.Stage>,
        _ body: (inout Evaluator) throws(QueryError) -> Demand
    ) throws(QueryError) -> Demand {
        if case .node(let node) = array {
            for element in node.elements {
                try context.countExpansion()
                slots[slot] = Value(element)
                if case .enough = try run(rest, body) { return .enough }
            }
            return .more
        }
        for element in array.elements ?? [] {
            try context.countExpansion()
            slots[slot] = element
            if case .enough = try run(rest, body) { return .enough }
        }
        return .more
    }
}
