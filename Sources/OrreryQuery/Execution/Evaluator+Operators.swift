import Glibc
import OrreryDocuments

extension Evaluator {
    // MARK: Logic

    /// False if any term is false, true if all are true, else undefined. Terms behind a false one are not evaluated.
    mutating func evaluateAnd(_ terms: [PhysicalExpression]) throws(QueryError) -> Value {
        var result = Value.boolean(true)
        for term in terms {
            switch try evaluate(term).boolean {
            case false?: return .boolean(false)
            case nil: result = .undefined
            case true?: break
            }
        }
        return result
    }

    mutating func evaluateOr(_ terms: [PhysicalExpression]) throws(QueryError) -> Value {
        var result = Value.boolean(false)
        for term in terms {
            switch try evaluate(term).boolean {
            case true?: return .boolean(true)
            case nil: result = .undefined
            case false?: break
            }
        }
        return result
    }

    // MARK: Comparison

    static func compare(_ operation: BinaryOperator, _ left: Value, _ right: Value) -> Value {
        switch operation {
        case .equal: return Value(Value.equals(left, right))
        case .notEqual: return Value(Value.equals(left, right).map { !$0 })
        default:
            guard let order = Value.ordered(left, right) else { return .undefined }
            switch operation {
            case .less: return .boolean(order == .before)
            case .lessOrEqual: return .boolean(order != .after)
            case .greater: return .boolean(order == .after)
            default: return .boolean(order != .before)
            }
        }
    }

    /// IN, LIKE and BETWEEN.
    mutating func evaluatePredicate(_ expression: PhysicalExpression) throws(QueryError) -> Value {
        switch expression {
        case .memberOfSet(let needle, let set, let isNegated):
            let value = try evaluate(needle)
            if value.isUndefined { return .undefined }
            try context.spend(value.weightBytes)
            let isMember = value.double?.isNaN != true && set.keys.contains(OrderKey(value))
            return .boolean(isMember != isNegated)
        case .memberOfList(let needle, let list, let isNegated):
            let value = try evaluate(needle)
            if value.isUndefined { return .undefined }
            for element in list {
                try context.spend(value.weightBytes)
                if Value.equals(value, try evaluate(element)) == true { return .boolean(!isNegated) }
            }
            return .boolean(isNegated)
        case .like(let text, let pattern, let isNegated):
            guard let string = try evaluate(text).string else { return .undefined }
            try context.spend(pattern.cost(over: string))
            return .boolean(try pattern.matches(string) != isNegated)
        case .likeComputed(let text, let pattern, let escape, let isNegated):
            guard let string = try evaluate(text).string, let pattern = try evaluate(pattern).string else {
                return .undefined
            }
            let like = LikePattern(pattern, escape: escape)
            try context.spend(like.cost(over: string))
            return .boolean(try like.matches(string) != isNegated)
        case .between(let value, let lower, let upper, let isNegated):
            let value = try evaluate(value)
            let (low, high) = (Value.ordered(value, try evaluate(lower)), Value.ordered(value, try evaluate(upper)))
            // As `value >= lower AND value <= upper`: false if either is false, though the other be undefined.
            if low == .before || high == .after { return .boolean(isNegated) }
            guard low != nil, high != nil else { return .undefined }
            return .boolean(!isNegated)
        default: return .undefined
        }
    }

    // MARK: Arithmetic

    static func apply(_ operation: UnaryOperator, _ operand: Value) -> Value {
        guard let number = operand.double else { return .undefined }
        switch operation {
        case .plus: return operand
        case .minus:
            if case .integer(let value) = operand, value != .min { return .integer(-value) }
            return .number(number == 0 ? 0 : -number)
        case .bitwiseNot: return .number(Double(~int32(number)))
        case .not: return .undefined
        }
    }

    static func compute(
        _ operation: BinaryOperator, _ left: Value, _ right: Value, _ limits: QueryLimits
    ) throws(QueryError) -> Value {
        if operation == .concatenate {
            guard left.kind == .string, right.kind == .string else { return .undefined }
            guard left.weightBytes.saturatingSum(right.weightBytes) <= limits.valueBytesMax else {
                throw Value.tooLarge(limits)
            }
            return .string((left.string ?? "") + (right.string ?? ""))
        }
        guard let x = left.double, let y = right.double else { return .undefined }
        switch operation {
        case .multiply: return .number(x * y)
        case .divide: return .number(x / y)
        case .modulo: return .number(fmod(x, y))
        case .add: return .number(x + y)
        case .subtract: return .number(x - y)
        case .bitwiseOr: return .number(Double(int32(x) | int32(y)))
        case .bitwiseXor: return .number(Double(int32(x) ^ int32(y)))
        case .bitwiseAnd: return .number(Double(int32(x) & int32(y)))
        case .shiftLeft: return .number(Double(int32(x) << (int32(y) & 31)))
        case .shiftRight: return .number(Double(int32(x) >> (int32(y) & 31)))
        case .shiftRightZeroFill: return .number(Double(UInt32(bitPattern: int32(x)) >> UInt32(int32(y) & 31)))
        default: return .undefined
        }
    }

    /// A number as the bitwise operators take it, as ECMAScript's ToInt32 does: cut to whole, modulo 2^32.
    private static func int32(_ number: Double) -> Int32 {
        guard number.isFinite else { return 0 }
        let whole = number.rounded(.towardZero).truncatingRemainder(dividingBy: 4_294_967_296)
        return Int32(truncatingIfNeeded: Int64(whole))
    }
}

extension Value {
    fileprivate init(_ boolean: Bool?) {
        self = boolean.map { .boolean($0) } ?? .undefined
    }
}
