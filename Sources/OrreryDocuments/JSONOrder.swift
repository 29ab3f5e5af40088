/// Where one value stands relative to another in the order that ORDER BY, range indexes, MIN and MAX share:
///
///     undefined < null < false < true < number < string < array < object
///
/// Numbers compare as IEEE doubles, strings by their UTF-8. NaN, which only computation can yield, stands before all
/// other numbers and equals itself. The service leaves the order among arrays and among objects open; here arrays
/// compare element by element and objects by their members sorted by name, so that the order is total and `same`
/// means deeply equal, whatever the order of members.
public enum JSONOrder: Int8, Sendable {
    case before = -1
    case same = 0
    case after = 1

    /// Compares two values; nil is undefined.
    public static func compare(_ a: JSONNode?, _ b: JSONNode?) -> JSONOrder { of(a, b) }

    /// Compares two values; nil is undefined.
    public static func compare(_ a: JSONValue?, _ b: JSONValue?) -> JSONOrder { of(a, b) }

    /// Compares two values; nil is undefined.
    public static func compare(_ a: JSONNode?, _ b: JSONValue?) -> JSONOrder { of(a, b) }

    /// Compares two doubles as JSON numbers.
    public static func compare(_ a: Double, _ b: Double) -> JSONOrder {
        if a < b { return .before }
        if a > b { return .after }
        if a == b { return .same }
        return JSONOrder(Int(b.isNaN ? 1 : 0) - Int(a.isNaN ? 1 : 0))
    }

    /// Compares two strings by their UTF-8, unlike Swift's `<`, which normalises.
    public static func compare(_ a: String, _ b: String) -> JSONOrder {
        JSONOrder(a.withOrderedString { left in b.withOrderedString { right in left.compare(right) } })
    }

    /// The order that stands the other way round.
    public var reversed: JSONOrder { JSONOrder(-Int(rawValue)) }

    init(_ sign: Int) {
        self = sign < 0 ? .before : sign > 0 ? .after : .same
    }

    private static func of<A: JSONOrdered, B: JSONOrdered>(_ a: A?, _ b: B?) -> JSONOrder {
        guard let a else { return b == nil ? .same : .before }
        guard let b else { return .after }
        return of(a, b)
    }

    private static func of<A: JSONOrdered, B: JSONOrdered>(_ a: A, _ b: B) -> JSONOrder {
        let rank = a.orderRank
        guard rank == b.orderRank else { return rank.rawValue < b.orderRank.rawValue ? .before : .after }
        switch rank {
        case .null, .falseLiteral, .trueLiteral:
            return .same
        case .number:
            return compare(a.orderedDouble, b.orderedDouble)
        case .string:
            return JSONOrder(a.withOrderedString { left in b.withOrderedString { right in left.compare(right) } })
        case .array:
            return ofArrays(a, b)
        case .object:
            return ofObjects(a, b)
        }
    }

    private static func ofArrays<A: JSONOrdered, B: JSONOrdered>(_ a: A, _ b: B) -> JSONOrder {
        var left = a.orderedElements.makeIterator()
        var right = b.orderedElements.makeIterator()
        while true {
            let (x, y) = (left.next(), right.next())
            if x == nil && y == nil { return .same }
            let order = of(x, y)
            if order != .same { return order }
        }
    }

    private static func ofObjects<A: JSONOrdered, B: JSONOrdered>(_ a: A, _ b: B) -> JSONOrder {
        let (left, right) = (a.sortedMembers, b.sortedMembers)
        for (x, y) in zip(left, right) {
            let order = JSONOrder(x.name.compare(to: y.name))
            if order != .same { return order }
            let valueOrder = of(x.value, y.value)
            if valueOrder != .same { return valueOrder }
        }
        return JSONOrder(left.count - right.count)
    }
}
