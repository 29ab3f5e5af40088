public import OrreryQuery

/// How a page of a query was answered: how its items were found, and what was done with them, each step with the rows
/// that were expected and those that came (`x-orrery-explain`).
public struct QueryExplanation: Sendable {
    /// How items were found.
    public struct Access: Sendable, Equatable {
        public enum Method: String, Sendable {
            /// Aggregates were taken from the index; rows are their inputs' count.
            case indexAggregate = "index aggregate"
            /// One item was read for each value of a path.
            case indexValues = "index values"
            /// Items came in the order of an index.
            case indexWalk = "index walk"
            /// The index named the items.
            case indexLookup = "index lookup"
            /// The values of a path were tested, and told the items.
            case indexScan = "index scan"
            /// All items of the scope were read.
            case scan
        }

        public var method: Method
        /// The index that was walked: `/a/?`, or a composite index's paths with their directions.
        public var index: String?
        /// What the index was asked.
        public var condition: String?
        /// Items that were expected to be read; nil where nothing tells.
        public var estimatedRows: Int?
        /// Items that the index named, or that were read where it named none.
        public var actualRows: Int
    }

    public let access: Access
    /// Documents that were read.
    public let documentCount: Int
    /// What was done with them, in order.
    public let steps: [PlanStep]
    /// How many ranges the page was read from.
    public let rangeCount: Int
}
