/// A built-in function: its names, what it takes and how it is evaluated. `FunctionTable` lists them all, and
/// Docs/QueryLanguage.md is tested against that list.
struct FunctionDefinition: Sendable {
    /// The spelling of the documentation; case does not matter in a query.
    let name: String
    let aliases: [String]
    let category: FunctionCategory
    let parameters: [FunctionParameter]
    let evaluation: FunctionEvaluation
    /// Whether the same arguments always yield the same value, so that a call on constants is evaluated once.
    let isDeterministic: Bool

    init(
        _ name: String, aliases: [String] = [], _ category: FunctionCategory, _ parameters: [FunctionParameter],
        isDeterministic: Bool = true, _ evaluation: FunctionEvaluation
    ) {
        self.name = name
        self.aliases = aliases
        self.category = category
        self.parameters = parameters
        self.evaluation = evaluation
        self.isDeterministic = isDeterministic
    }

    var argumentCountMin: Int { parameters.count { !$0.isOptional } }

    /// Nil when the last parameter repeats.
    var argumentCountMax: Int? { parameters.last?.repeats == true ? nil : parameters.count }

    func parameter(at index: Int) -> FunctionParameter? {
        index < parameters.count ? parameters[index] : parameters.last
    }

    /// How the function is written in the reference: `NAME(a, b, [c], …)`.
    var signature: String {
        let names = parameters.map { parameter in
            let name = parameter.isOptional ? "[\(parameter.name)]" : parameter.name
            return parameter.repeats ? "\(name), …" : name
        }
        return "\(name)(\(names.joined(separator: ", ")))"
    }
}

enum FunctionCategory: String, Sendable, CaseIterable {
    case aggregate = "Aggregate"
    case array = "Array and set"
    case conditional = "Conditional"
    case dateTime = "Date and time"
    case fullText = "Full text"
    case item = "Item"
    case mathematical = "Mathematical"
    case spatial = "Spatial"
    case string = "String"
    case typeChecking = "Type checking"
    case vector = "Vector"
}

/// One parameter: an argument of another type makes the call undefined before the evaluator runs.
struct FunctionParameter: Sendable {
    let name: String
    let type: ArgumentType
    var isOptional = false
    /// The last parameter may take any number of further arguments.
    var repeats = false

    init(_ name: String, _ type: ArgumentType) {
        self.name = name
        self.type = type
    }

    static func optional(_ name: String, _ type: ArgumentType) -> FunctionParameter {
        var parameter = FunctionParameter(name, type)
        parameter.isOptional = true
        return parameter
    }

    static func repeated(_ name: String, _ type: ArgumentType) -> FunctionParameter {
        var parameter = FunctionParameter(name, type)
        parameter.repeats = true
        return parameter
    }
}

enum ArgumentType: Sendable {
    /// Anything, undefined included.
    case any
    case defined
    case boolean
    case number
    /// A number without a fraction that fits 64 bits.
    case integer
    case string
    case array
    case object

    func accepts(_ value: Value) -> Bool {
        switch self {
        case .any: true
        case .defined: !value.isUndefined
        case .boolean: value.kind == .boolean
        case .number: value.kind == .number
        case .integer: value.int64 != nil
        case .string: value.kind == .string
        case .array: value.kind == .array
        case .object: value.kind == .object
        }
    }
}

/// What evaluates a call. Arguments left out arrive as undefined; those given have the parameters' types.
enum FunctionEvaluation: Sendable {
    case none(@Sendable (inout EvaluationContext) throws(QueryError) -> Value)
    case one(@Sendable (Value) -> Value)
    case two(@Sendable (Value, Value) -> Value)
    case three(@Sendable (Value, Value, Value) -> Value)
    case many(@Sendable ([Value], inout EvaluationContext) throws(QueryError) -> Value)
    case aggregate(AggregateKind)
    /// It parses, and is answered with a clear 400 until it is carried out.
    case unsupported
}
