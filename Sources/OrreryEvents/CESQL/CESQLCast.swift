/// The types of the language, and how a value of one becomes a value of another (specification, section 3.7).
enum CESQLType: Sendable {
    case string, integer, boolean

    /// What an operation gives where there is nothing better to give.
    var zero: CESQLValue {
        switch self {
        case .string: .string("")
        case .integer: .integer(0)
        case .boolean: .boolean(false)
        }
    }
}

extension CESQLValue {
    var type: CESQLType {
        switch self {
        case .string: .string
        case .integer: .integer
        case .boolean: .boolean
        }
    }

    /// Whether it is `true`.
    var isTrue: Bool { self == .boolean(true) }

    /// The value as one of another type; nil where there is none. Where nobody asked for it by name, a number does not
    /// become a boolean.
    func cast(to type: CESQLType, isExplicit: Bool = false) -> CESQLValue? {
        switch (self, type) {
        case (.string, .string), (.integer, .integer), (.boolean, .boolean): self
        case (.string(let text), .integer): Int32(text).map { .integer($0) }
        case (.string(let text), .boolean): Self.boolean(text)
        case (.integer(let number), .string): .string(String(number))
        case (.integer(let number), .boolean): isExplicit ? .boolean(number != 0) : nil
        case (.boolean(let flag), .string): .string(flag ? "true" : "false")
        case (.boolean(let flag), .integer): .integer(flag ? 1 : 0)
        }
    }

    private static func boolean(_ text: String) -> CESQLValue? {
        switch text.lowercased() {
        case "true": .boolean(true)
        case "false": .boolean(false)
        default: nil
        }
    }
}
