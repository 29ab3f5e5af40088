extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByStringInterpolation
{
    public init(nilLiteral: ()) { self = .null }

    public init(booleanLiteral value: Bool) { self = .boolean(value) }

    public init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }

    public init(floatLiteral value: Double) { self = .number(JSONNumber(value)) }

    public init(stringLiteral value: String) { self = .string(value) }

    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// Members in the order of the literal; of a repeated name the last value stands, at the first one's place.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object([])
        for (name, value) in elements { self[name] = value }
    }

    public static func number(_ value: Int) -> JSONValue { .number(JSONNumber(Int64(value))) }

    public static func number(_ value: Int64) -> JSONValue { .number(JSONNumber(value)) }

    public static func number(_ value: Double) -> JSONValue { .number(JSONNumber(value)) }
}
