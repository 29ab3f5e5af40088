import OrreryKeys

extension FunctionTable {
    static let itemFunctions: [FunctionDefinition] = [
        FunctionDefinition(
            "DOCUMENTID", .item, [.init("item", .object)],
            .one { item in
                guard let text = item.member("_rid").string, let counter = ResourceID(text: text)?.childNumber
                else { return .undefined }
                return Int64(exactly: counter).map(Value.integer) ?? .number(Double(counter))
            })
    ]

    static let conditionalFunctions: [FunctionDefinition] = [
        FunctionDefinition(
            "IIF", .conditional, [.init("condition", .any), .init("whenTrue", .any), .init("otherwise", .any)],
            .three { condition, first, second in condition.isTrue ? first : second })
    ]
}
