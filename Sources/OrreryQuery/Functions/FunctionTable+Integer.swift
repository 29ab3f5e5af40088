extension FunctionTable {
    /// Exact on 64 bits; a number with a fraction makes the call undefined, and results wrap as two's complement.
    static let integerFunctions: [FunctionDefinition] = [
        integer("IntAdd") { $0 &+ $1 },
        integer("IntBitAnd") { $0 & $1 },
        integer("IntBitLeftShift") { shift($0, by: $1) { value, count in value << count } },
        FunctionDefinition(
            "IntBitNot", aliases: ["INT_BIT_NOT"], .mathematical, [.init("x", .integer)],
            .one { x in x.int64.map { .integer(~$0) } ?? .undefined }),
        integer("IntBitOr") { $0 | $1 },
        integer("IntBitRightShift") { shift($0, by: $1) { value, count in value >> count } },
        integer("IntBitXor") { $0 ^ $1 },
        integer("IntDiv", "IntDivide") { $1 == 0 ? nil : $0.dividedReportingOverflow(by: $1).partialValue },
        integer("IntMod", "IntModulo") { $1 == 0 ? nil : $0.remainderReportingOverflow(dividingBy: $1).partialValue },
        integer("IntMul", "IntMultiply") { $0 &* $1 },
        integer("IntSub", "IntSubtract") { $0 &- $1 },
    ]

    private static func integer(
        _ name: String, _ alias: String? = nil, _ function: @escaping @Sendable (Int64, Int64) -> Int64?
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases: alias.map { [$0] } ?? [], .mathematical, [.init("x", .integer), .init("y", .integer)],
            .two { x, y in
                guard let x = x.int64, let y = y.int64, let result = function(x, y) else { return .undefined }
                return .integer(result)
            })
    }

    private static func shift(_ value: Int64, by count: Int64, _ operation: (Int64, Int64) -> Int64) -> Int64? {
        count < 0 ? nil : operation(value, min(count, 64))
    }
}
