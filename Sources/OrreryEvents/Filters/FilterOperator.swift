/// The operators of advanced filters (documentation, "Event filtering": advanced filtering).
public enum FilterOperator: String, Sendable, Equatable, CaseIterable {
    case numberIn = "NumberIn"
    case numberNotIn = "NumberNotIn"
    case numberLessThan = "NumberLessThan"
    case numberGreaterThan = "NumberGreaterThan"
    case numberLessThanOrEquals = "NumberLessThanOrEquals"
    case numberGreaterThanOrEquals = "NumberGreaterThanOrEquals"
    case numberInRange = "NumberInRange"
    case numberNotInRange = "NumberNotInRange"
    case boolEquals = "BoolEquals"
    case stringContains = "StringContains"
    case stringNotContains = "StringNotContains"
    case stringBeginsWith = "StringBeginsWith"
    case stringNotBeginsWith = "StringNotBeginsWith"
    case stringEndsWith = "StringEndsWith"
    case stringNotEndsWith = "StringNotEndsWith"
    case stringIn = "StringIn"
    case stringNotIn = "StringNotIn"
    case isNullOrUndefined = "IsNullOrUndefined"
    case isNotNull = "IsNotNull"

    /// What an operator is given to compare with.
    enum Operand {
        /// `value`: one number.
        case number
        /// `values`: numbers.
        case numbers
        /// `values`: pairs of numbers, from and to.
        case ranges
        /// `value`: true or false.
        case boolean
        /// `values`: strings.
        case strings
        case none
    }

    var operand: Operand {
        switch self {
        case .numberLessThan, .numberGreaterThan, .numberLessThanOrEquals, .numberGreaterThanOrEquals: .number
        case .numberIn, .numberNotIn: .numbers
        case .numberInRange, .numberNotInRange: .ranges
        case .boolEquals: .boolean
        case .isNullOrUndefined, .isNotNull: .none
        default: .strings
        }
    }

    /// Whether one hit among the values is one too many.
    var isNegated: Bool {
        switch self {
        case .numberNotIn, .numberNotInRange, .stringNotContains, .stringNotBeginsWith, .stringNotEndsWith,
            .stringNotIn, .isNotNull:
            true
        default: false
        }
    }

    /// Whether an event that lacks the key passes.
    var acceptsMissing: Bool {
        self == .numberNotIn || self == .stringNotIn || self == .isNullOrUndefined
    }
}
