/// The built-in functions (specification, section 3.5).
enum CESQLFunction: String, Sendable, CaseIterable {
    case int, bool, string
    case abs
    case length, concat, lower, upper, trim, left, right, substring
    case concatWithSeparator = "concat_ws"

    /// The function of a name in lower case that takes so many arguments.
    init?(name: String, argumentCount: Int) {
        guard let function = CESQLFunction(rawValue: name), function.argumentCounts.contains(argumentCount) else {
            return nil
        }
        self = function
    }

    private var argumentCounts: ClosedRange<Int> {
        switch self {
        case .concat: 0...Int.max - 1
        case .concatWithSeparator: 1...Int.max - 1
        case .left, .right: 2...2
        case .substring: 2...3
        default: 1...1
        }
    }

    var resultType: CESQLType {
        switch self {
        case .int, .abs, .length: .integer
        case .bool: .boolean
        default: .string
        }
    }

    /// What an argument must be; nil where any will do, for the function itself casts it.
    func parameterType(at position: Int) -> CESQLType? {
        switch self {
        case .int, .bool, .string: nil
        case .abs: .integer
        case .left, .right, .substring: position == 0 ? .string : .integer
        default: .string
        }
    }

    /// Calls it with arguments of its parameters' types.
    func call(_ arguments: [CESQLValue]) -> CESQLOutcome {
        switch self {
        case .int, .bool, .string:
            guard let value = arguments[0].cast(to: resultType, isExplicit: true) else {
                return CESQLOutcome(resultType.zero, .cast)
            }
            return CESQLOutcome(value)
        case .abs:
            let number = Self.number(arguments[0])
            return number == .min ? CESQLOutcome(.integer(.max), .math) : CESQLOutcome(.integer(Swift.abs(number)))
        case .length:
            return CESQLOutcome(.integer(Int32(clamping: Self.text(arguments[0]).unicodeScalars.count)))
        case .concat: return CESQLOutcome(.string(arguments.map(Self.text).joined()))
        case .concatWithSeparator:
            let texts = arguments.dropFirst().map(Self.text)
            return CESQLOutcome(.string(texts.joined(separator: Self.text(arguments[0]))))
        case .lower: return CESQLOutcome(.string(Self.text(arguments[0]).lowercased()))
        case .upper: return CESQLOutcome(.string(Self.text(arguments[0]).uppercased()))
        case .trim: return CESQLOutcome(.string(Self.trimmed(Self.text(arguments[0]))))
        case .left, .right: return end(Self.text(arguments[0]), Self.number(arguments[1]))
        case .substring:
            let length = arguments.count > 2 ? Self.number(arguments[2]) : nil
            return Self.substring(Self.text(arguments[0]), Self.number(arguments[1]), length)
        }
    }

    private static func text(_ value: CESQLValue) -> String {
        if case .string(let text) = value { return text }
        return ""
    }

    private static func number(_ value: CESQLValue) -> Int32 {
        if case .integer(let number) = value { return number }
        return 0
    }

    private static func trimmed(_ text: String) -> String {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(scalars)
    }

    /// The first or last characters of a text.
    private func end(_ text: String, _ count: Int32) -> CESQLOutcome {
        if count < 0 { return CESQLOutcome(.string(text), .functionEvaluation) }
        let scalars = text.unicodeScalars
        let part = self == .left ? scalars.prefix(Int(count)) : scalars.suffix(Int(count))
        return CESQLOutcome(.string(String(part)))
    }

    /// Counted from 1, or from the end below zero.
    private static func substring(_ text: String, _ position: Int32, _ length: Int32?) -> CESQLOutcome {
        let scalars = text.unicodeScalars
        let (count, position) = (scalars.count, Int(position))
        guard position.magnitude <= count.magnitude, (length ?? 0) >= 0 else {
            return CESQLOutcome(.string(""), .functionEvaluation)
        }
        if position == 0 { return CESQLOutcome(.string("")) }
        let rest = scalars.dropFirst(position > 0 ? position - 1 : count + position)
        return CESQLOutcome(.string(String(rest.prefix(length.map { Int($0) } ?? count))))
    }
}
