/// A query ready to run: a pipeline of stages that turns a document into rows, and what is done with the rows.
struct PhysicalPlan: Sendable {
    /// Where the pipeline starts.
    indirect enum Root: Sendable {
        case single
        case documents(slot: Int)
        /// All rows of another plan, gathered first; the pipeline iterates over them.
        case derived(PhysicalPlan)
    }

    enum Stage: Sendable {
        /// One row for each row of the derived root.
        case derivedRows(slot: Int)
        case iterate(PhysicalExpression, slot: Int)
        case bind(PhysicalExpression, slot: Int)
        case apply(PhysicalPlan, slot: Int, opensArrays: Bool)
        case filter(PhysicalExpression)
        case nothing
        /// Counts the rows that come by, for an explanation.
        case probe(Int)
    }

    struct Aggregate: Sendable {
        let kind: AggregateKind
        let argument: PhysicalExpression
    }

    struct OrderItem: Sendable {
        let expression: PhysicalExpression
        let isDescending: Bool
    }

    var root = Root.single
    var stages: [Stage] = []
    var groupKeys: [PhysicalExpression] = []
    var aggregates: [Aggregate] = []
    /// Set when rows are grouped, with or without keys.
    var isGrouped = false
    var orderBy: [OrderItem] = []
    var projection = PhysicalExpression.constant(.undefined)
    /// See `BoundQuery.isValue`.
    var isValue = true
    var isDistinct = false
    var offset = 0
    var limit: Int?

    /// How rows leave the plan.
    enum Delivery: Sendable {
        /// As they are found; a page may end after any of them.
        case streaming
        /// In the order of sort keys, of which no more than a page's are kept.
        case sorted
        /// After every row was seen, from a table of groups or distinct rows.
        case gathered
    }

    /// Whether only the number of documents matters, as for `SELECT VALUE COUNT(1) FROM c`.
    var looksAtNoDocument: Bool {
        guard case .documents = root, stages.isEmpty, isGrouped, groupKeys.isEmpty else { return false }
        return aggregates.allSatisfy { aggregate in
            if case .constant = aggregate.argument { true } else { false }
        }
    }

    /// Whether its rows are the documents themselves, which are given by their texts: a source need not hand them out
    /// whole.
    var givesDocuments: Bool {
        guard case .documents(let slot) = root, case .slot(slot) = projection else { return false }
        return delivery != .gathered
    }

    /// The same plan with a probe behind each stage.
    var probed: PhysicalPlan {
        var plan = self
        plan.stages = stages.enumerated().flatMap { [$1, .probe($0)] }
        return plan
    }

    /// How rows leave this plan.
    var delivery: Delivery {
        if isGrouped || isDistinct { return .gathered }
        return orderBy.isEmpty ? .streaming : .sorted
    }
}

/// A plan behind one reference, for whoever hands it around while a query runs: a copy of the plan itself counts
/// references to all its parts.
final class SharedPlan: Sendable {
    let plan: PhysicalPlan

    init(_ plan: PhysicalPlan) {
        self.plan = plan
    }
}
