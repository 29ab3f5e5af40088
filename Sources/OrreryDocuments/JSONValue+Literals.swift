extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByStringInterpolation
{
    /// `nil` is null.
    public init(nilLiteral: ()) { self = .null }

    /// `true` and `false`.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }

    /// An exact integer.
    public init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }

    /// A double.
    public init(floatLiteral value: Double) { self = .number(JSONNumber(value)) }

    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }

    /// An array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// Members in the order of the literal; of a repeated name the last value stands, at the first one's place.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object([])
        for (name, value) in elements { self[name] = value }
    }

    /// An exact integer.
    public static func number(_ value: Int) -> JSONValue { .number(JSONNumber(Int64(value))) }

    /// An exact integer.
    public static func number(_ value: Int64) -> JSONValue { .number(JSONNumber(value)) }

    /// A double; see `JSONNumber.init(_: Double)`.
    public static func number(_ value: Double) -> JSONValue { .number(JSONNumber(value)) }
}
