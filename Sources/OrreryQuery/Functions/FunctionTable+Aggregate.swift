extension FunctionTable {
    /// What each computes is in `Aggregator.swift`.
    static let aggregateFunctions: [FunctionDefinition] = [
        FunctionDefinition("AVG", .aggregate, [.init("value", .any)], .aggregate(.average)),
        FunctionDefinition("COUNT", .aggregate, [.init("value", .any)], .aggregate(.count)),
        FunctionDefinition("COUNTIF", .aggregate, [.init("condition", .any)], .aggregate(.countIf)),
        FunctionDefinition("MAKELIST", .aggregate, [.init("value", .any)], .aggregate(.makeList)),
        FunctionDefinition("MAKESET", .aggregate, [.init("value", .any)], .aggregate(.makeSet)),
        FunctionDefinition("MAX", .aggregate, [.init("value", .any)], .aggregate(.max)),
        FunctionDefinition("MIN", .aggregate, [.init("value", .any)], .aggregate(.min)),
        FunctionDefinition("SUM", .aggregate, [.init("value", .any)], .aggregate(.sum)),
    ]
}
