extension FunctionTable {
    static let spatialFunctions: [FunctionDefinition] = [
        FunctionDefinition("ST_AREA", .spatial, [.init("polygon", .any)], .unsupported),
        FunctionDefinition("ST_DISTANCE", .spatial, [.init("a", .any), .init("b", .any)], .unsupported),
        FunctionDefinition("ST_INTERSECTS", .spatial, [.init("a", .any), .init("b", .any)], .unsupported),
        FunctionDefinition("ST_ISVALID", .spatial, [.init("shape", .any)], .unsupported),
        FunctionDefinition("ST_ISVALIDDETAILED", .spatial, [.init("shape", .any)], .unsupported),
        FunctionDefinition("ST_WITHIN", .spatial, [.init("a", .any), .init("b", .any)], .unsupported),
    ]

    static let fullTextFunctions: [FunctionDefinition] = [
        FunctionDefinition(
            "FullTextContains", aliases: ["FULLTEXT_CONTAINS"], .fullText,
            [.init("path", .any), .init("term", .any)], .unsupported),
        FunctionDefinition(
            "FullTextContainsAll", aliases: ["FULLTEXT_CONTAINS_ALL"], .fullText,
            [.init("path", .any), .repeated("term", .any)], .unsupported),
        FunctionDefinition(
            "FullTextContainsAny", aliases: ["FULLTEXT_CONTAINS_ANY"], .fullText,
            [.init("path", .any), .repeated("term", .any)], .unsupported),
        FunctionDefinition(
            "FullTextScore", aliases: ["FULLTEXT_SCORE"], .fullText,
            [.init("path", .any), .repeated("term", .any)], .unsupported),
        FunctionDefinition("RRF", .fullText, [.init("score", .any), .repeated("score", .any)], .unsupported),
        FunctionDefinition(
            "_FullTextScore", .fullText,
            [.init("path", .any), .init("terms", .any), .repeated("statistics", .any)], .unsupported),
        FunctionDefinition("_FullTextWordCount", .fullText, [.init("path", .any)], .unsupported),
    ]

    static let vectorFunctions: [FunctionDefinition] = [
        FunctionDefinition(
            "VectorDistance", .vector,
            [.init("a", .any), .init("b", .any), .optional("bruteForce", .any), .optional("options", .any)],
            .unsupported)
    ]
}
