/// Every built-in function, by category; looked up by any of its names in any case.
enum FunctionTable {
    static let all: [FunctionDefinition] =
        aggregateFunctions + arrayFunctions + conditionalFunctions + dateTimeFunctions + fullTextFunctions
        + itemFunctions + mathematicalFunctions + integerFunctions + spatialFunctions + stringFunctions
        + stringConversionFunctions + regularExpressionFunctions + typeCheckingFunctions + vectorFunctions

    private static let byName: [String: FunctionDefinition] = {
        var table: [String: FunctionDefinition] = [:]
        for function in all {
            for name in [function.name] + function.aliases { table[name.lowercased()] = function }
        }
        return table
    }()

    static func function(named name: String) -> FunctionDefinition? {
        byName[name.lowercased()]
    }
}
