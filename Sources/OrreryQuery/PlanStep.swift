/// A step of a plan as people read it: what is done to the rows that the step before gives.
public struct PlanStep: Sendable, Equatable {
    /// `filter`, `sort` and their kind.
    public var name: String
    /// What it works with. `#0` and up are what FROM binds: the item, then what JOIN adds.
    public var detail: String
    /// Rows that leave it in one page; nil where they are not counted.
    public var rowCount: Int?
}

extension PreparedQuery {
    /// The steps behind the reading of documents, with the rows of a page that was run by this plan.
    public func steps(of page: QueryPage) -> [PlanStep] {
        // What a query in FROM does stands before the steps of this one.
        let ownStages = logical.operators.filter(\.isStage)
        let foreignCount = plan.stages.count / 2 - ownStages.count
        var stage = max(0, foreignCount)
        return logical.operators.compactMap { step in
            switch step {
            case .single, .scan: return nil
            default: break
            }
            let text = step.description
            let name = text.prefix { $0 != " " }
            var rowCount: Int?
            if step.isStage {
                rowCount = page.probeCounts[stage] ?? 0
                stage += 1
            } else if step.endsPlan {
                rowCount = page.rowCount
            }
            return PlanStep(name: String(name), detail: String(text.dropFirst(name.count + 1)), rowCount: rowCount)
        }
    }
}

extension LogicalOperator {
    /// Whether a stage of the physical plan carries it out.
    fileprivate var isStage: Bool {
        switch self {
        case .iterate, .bind, .apply, .filter, .nothing: true
        default: false
        }
    }

    /// Whether its rows are the page's own.
    fileprivate var endsPlan: Bool {
        switch self {
        case .project, .distinct, .slice: true
        default: false
        }
    }
}
