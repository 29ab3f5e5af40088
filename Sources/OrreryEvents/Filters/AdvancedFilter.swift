public import OrreryDocuments

/// One advanced filter as it is configured: a key, an operator, and what to compare with.
public struct AdvancedFilter: Sendable, Equatable {
    /// What the operator compares with.
    public enum Operand: Sendable, Equatable {
        case none
        case boolean(Bool)
        case number(Double)
        case numbers([Double])
        /// Ends included.
        case ranges([ClosedRange<Double>])
        case strings([String])

        /// How many values it counts for against the limit.
        var count: Int {
            switch self {
            case .none: 0
            case .boolean, .number: 1
            case .numbers(let values): values.count
            case .ranges(let values): values.count
            case .strings(let values): values.count
            }
        }
    }

    /// What is looked at: an attribute such as `subject`, or a place in the data such as `data.order.total`.
    public var key: String
    public var operatorType: FilterOperator
    public var operand: Operand

    /// A filter from its parts. An operand that is not the operator's is refused when the filter is compiled.
    public init(_ key: String, _ operatorType: FilterOperator, _ operand: Operand = .none) {
        self.key = key
        self.operatorType = operatorType
        self.operand = operand
    }

    /// Reads `{"operatorType":"StringIn","key":"data.color","values":["red"]}`.
    public init(_ node: JSONNode) throws(EventError) {
        guard node.kind == .object else { throw EventError(.badRequest, "An advanced filter must be an object.") }
        guard let name = node["operatorType"]?.string, let type = FilterOperator(rawValue: name) else {
            throw EventError(.badRequest, "An advanced filter's operatorType must be one of the documented operators.")
        }
        guard let key = node["key"]?.string, !key.isEmpty else {
            throw EventError(.badRequest, "An advanced filter of type \(name) must have a key.")
        }
        self.key = key
        operatorType = type
        guard let operand = Self.operand(node, of: type) else {
            throw EventError(.badRequest, "The advanced filter \(name) on '\(key.prefix(64))' \(Self.wanted(by: type))")
        }
        self.operand = operand
    }

    private static func wanted(by type: FilterOperator) -> String {
        switch type.operand {
        case .number: "must have a value that is a number."
        case .boolean: "must have a value that is true or false."
        case .numbers: "must have values that are numbers."
        case .ranges: "must have values that are pairs of numbers, the smaller first."
        case .strings: "must have values that are strings."
        case .none: "takes no values."
        }
    }

    private static func operand(_ node: JSONNode, of type: FilterOperator) -> Operand? {
        switch type.operand {
        case .none: return Operand.none
        case .number: return node["value"]?.double.map { .number($0) }
        case .boolean: return node["value"]?.boolean.map { .boolean($0) }
        case .numbers: return values(node) { $0.double }.map { .numbers($0) }
        case .strings: return values(node) { $0.string }.map { .strings($0) }
        case .ranges:
            return values(node) { pair in
                guard pair.count == 2, let low = pair[0]?.double, let high = pair[1]?.double, low <= high else {
                    return nil
                }
                return low...high
            }.map { .ranges($0) }
        }
    }

    /// The members of `values`, or nil where there are none or one is of another kind.
    private static func values<Value>(_ node: JSONNode, _ convert: (JSONNode) -> Value?) -> [Value]? {
        guard let list = node["values"], list.kind == .array, list.count > 0 else { return nil }
        let converted = list.elements.compactMap(convert)
        return converted.count == list.count ? converted : nil
    }

    /// The filter as the control plane shows it.
    public var value: JSONValue {
        var filter: JSONValue = ["operatorType": .string(operatorType.rawValue), "key": .string(key)]
        switch operand {
        case .none: break
        case .boolean(let flag): filter["value"] = .boolean(flag)
        case .number(let number): filter["value"] = .number(number)
        case .numbers(let numbers): filter["values"] = .array(numbers.map { .number($0) })
        case .strings(let strings): filter["values"] = .array(strings.map { .string($0) })
        case .ranges(let ranges):
            filter["values"] = .array(ranges.map { [.number($0.lowerBound), .number($0.upperBound)] })
        }
        return filter
    }
}
