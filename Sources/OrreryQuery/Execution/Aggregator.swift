/// The running state of one aggregate over one group (rules: query-language specification, section 3).
struct Aggregator: Sendable {
    let kind: AggregateKind
    private var count = 0
    private var sum = 0.0
    /// Set when an input spoils the result: anything but a number for SUM and AVG, an array or object for MIN and MAX.
    private var isSpoilt = false
    private var extreme: Value = .undefined
    private var extremeKey = OrderKey()
    private var list: [Value] = []
    private var set: Set<OrderKey> = []

    /// A result that was found otherwise; there is no other input.
    private var known: Value?

    init(_ kind: AggregateKind, result: Value? = nil) {
        self.kind = kind
        known = result
    }

    /// Takes one input and returns the bytes by which the state grew.
    /// - Parameter times: how often; more than once only for counts and extremes.
    mutating func add(_ value: Value, times: Int = 1) -> Int {
        if value.isUndefined { return 0 }
        switch kind {
        case .count: count += times
        case .countIf: if value.isTrue { count += times }
        case .sum, .average:
            guard let number = value.double else {
                isSpoilt = true
                return 0
            }
            sum += number
            count += 1
        case .min, .max: return addExtreme(value)
        case .makeList:
            list.append(value.detached)
            return value.weightBytes + 32
        case .makeSet:
            let key = OrderKey(value)
            guard set.insert(key).inserted else { return 0 }
            list.append(value.detached)
            return key.bytes.count + value.weightBytes + 64
        }
        return 0
    }

    private mutating func addExtreme(_ value: Value) -> Int {
        guard value.kind != .array, value.kind != .object else {
            isSpoilt = true
            return 0
        }
        let key = OrderKey(value)
        if count > 0, kind == .min ? extremeKey <= key : key <= extremeKey { return 0 }
        count += 1
        let growth = key.bytes.count + value.weightBytes - extremeKey.bytes.count
        (extreme, extremeKey) = (value.detached, key)
        return max(0, growth)
    }

    var result: Value {
        if let known { return known }
        return switch kind {
        case .count, .countIf: .integer(Int64(count))
        case .sum: isSpoilt ? .undefined : .number(sum)
        case .average: isSpoilt || count == 0 ? .undefined : .number(sum / Double(count))
        case .min, .max: isSpoilt ? .undefined : extreme
        case .makeList, .makeSet: Value.array(unchecked: list)
        }
    }
}
