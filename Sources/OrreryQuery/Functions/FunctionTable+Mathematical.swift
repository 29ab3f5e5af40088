import Glibc

extension FunctionTable {
    static let mathematicalFunctions: [FunctionDefinition] = [
        unary("ABS") { $0.magnitude },
        unary("ACOS", acos),
        unary("ASIN", asin),
        unary("ATAN", atan),
        binary("ATN2", "y", "x", atan2),
        unary("CEILING") { $0.rounded(.up) },
        unary("COS", cos),
        unary("COT") { 1 / tan($0) },
        unary("DEGREES") { $0 * (180 / Double.pi) },
        unary("EXP", exp),
        unary("FLOOR") { $0.rounded(.down) },
        FunctionDefinition(
            "LOG", .mathematical, [.init("x", .number), .optional("base", .number)],
            .two { x, base in
                guard let x = x.double else { return .undefined }
                guard let base = base.double else { return .number(log(x)) }
                return .number(base == 10 ? log10(x) : base == 2 ? log2(x) : log(x) / log(base))
            }),
        unary("LOG10", log10),
        FunctionDefinition(
            "NumberBin", aliases: ["NUMBER_BIN"], .mathematical, [.init("x", .number), .optional("size", .number)],
            .two { x, size in
                guard let x = x.double else { return .undefined }
                let size = size.double ?? 1
                return size == 0 ? .undefined : computed((x / size).rounded(.down) * size)
            }),
        FunctionDefinition("PI", .mathematical, [], .none { _ in .number(Double.pi) }),
        binary("POWER", "x", "y", pow),
        unary("RADIANS") { $0 * Double.pi / 180 },
        FunctionDefinition(
            "RAND", .mathematical, [], isDeterministic: false,
            .none { _ in
                .number(Double.random(in: 0..<1))
            }),
        FunctionDefinition(
            "ROUND", .mathematical, [.init("x", .number), .optional("length", .integer)],
            .two { x, length in
                guard let x = x.double else { return .undefined }
                return computed(round(x, toLength: length.int64 ?? 0))
            }),
        unary("SIGN") { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 },
        unary("SIN", sin),
        unary("SQRT") { $0.squareRoot() },
        unary("SQUARE") { $0 * $0 },
        unary("TAN", tan),
        unary("TRUNC") { $0.rounded(.towardZero) },
    ]

    private static func unary(_ name: String, _ function: @escaping @Sendable (Double) -> Double) -> FunctionDefinition
    {
        FunctionDefinition(
            name, .mathematical, [.init("x", .number)],
            .one { x in
                x.double.map { computed(function($0)) } ?? .undefined
            })
    }

    private static func binary(
        _ name: String, _ first: String, _ second: String, _ function: @escaping @Sendable (Double, Double) -> Double
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, .mathematical, [.init(first, .number), .init(second, .number)],
            .two { x, y in
                guard let x = x.double, let y = y.double else { return .undefined }
                return computed(function(x, y))
            })
    }

    /// A computed number; minus zero becomes zero, as the service writes it.
    static func computed(_ value: Double) -> Value {
        .number(value == 0 ? 0 : value)
    }

    /// Half away from zero, at `length` decimal places; a negative length rounds before the point.
    private static func round(_ x: Double, toLength length: Int64) -> Double {
        guard length != 0 else { return x.rounded(.toNearestOrAwayFromZero) }
        guard length.magnitude <= 300 else { return length > 0 ? x : 0 }
        let scale = pow(10, Double(length.magnitude))
        let rounded =
            length > 0
            ? (x * scale).rounded(.toNearestOrAwayFromZero) / scale
            : (x / scale).rounded(.toNearestOrAwayFromZero) * scale
        return rounded.isFinite ? rounded : x
    }
}
