extension FunctionTable {
    /// Always true or false, undefined included.
    static let typeCheckingFunctions: [FunctionDefinition] = [
        check("IS_ARRAY") { $0.kind == .array },
        check("IS_BOOL", "IS_BOOLEAN") { $0.kind == .boolean },
        check("IS_DATETIME") { $0.string.flatMap(DateTime.init(parsing:)) != nil },
        check("IS_DEFINED") { !$0.isUndefined },
        check("IS_FINITE_NUMBER") { $0.double?.isFinite == true },
        check("IS_INTEGER") { $0.int64 != nil },
        check("IS_NULL") { $0.kind == .null },
        check("IS_NUMBER") { $0.kind == .number },
        check("IS_OBJECT") { $0.kind == .object },
        check("IS_PRIMITIVE") { value in
            switch value.kind {
            case .null, .boolean, .number, .string: true
            case .undefined, .array, .object: false
            }
        },
        check("IS_STRING") { $0.kind == .string },
    ]

    private static func check(
        _ name: String, _ alias: String? = nil, _ test: @escaping @Sendable (Value) -> Bool
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases: alias.map { [$0] } ?? [], .typeChecking, [.init("value", .any)],
            .one { .boolean(test($0)) })
    }
}
