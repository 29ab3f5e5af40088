/// The passes that make a logical plan cheaper without changing its rows, in the order in which they run. Each can be
/// switched off; a test holds every choice of passes to the plain plan's rows.
struct Optimizer: Sendable {
    enum Pass: String, Sendable, CaseIterable {
        /// Evaluates expressions that hold only constants.
        case foldConstants
        /// Drops what cannot matter in AND and OR, and filters that are always or never true.
        case simplifyFilters
        /// Runs each condition as soon as the slots it reads are bound.
        case pushFilters
        /// Drops ORDER BY keys that a filter holds to one value, and repeated ones.
        case pruneSortKeys
    }

    let passes: [Pass]
    let limits: QueryLimits

    init(passes: [Pass] = Pass.allCases, limits: QueryLimits) {
        self.passes = passes
        self.limits = limits
    }

    /// Runs the passes; `trace` sees the plan after each.
    func optimize(_ plan: LogicalPlan, trace: ((Pass, LogicalPlan) -> Void)? = nil) -> LogicalPlan {
        var plan = plan
        for pass in passes {
            switch pass {
            case .foldConstants: plan = ConstantFolding(limits: limits).fold(plan)
            case .simplifyFilters: plan = FilterSimplification.simplify(plan)
            case .pushFilters: plan = FilterPushdown.push(plan)
            case .pruneSortKeys: plan = SortPruning.prune(plan)
            }
            trace?(pass, plan)
        }
        return plan
    }
}
