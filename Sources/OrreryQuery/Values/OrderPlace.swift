/// A value as an order knows it: where the rows behind a continuation begin.
public enum OrderPlace: Sendable, Hashable {
    case undefined, null
    case boolean(Bool)
    case number(Double)
    /// As UTF-8.
    case string([UInt8])
    /// A string of which only the beginning is known.
    case stringPrefix([UInt8])
    /// Somewhere among the arrays, or the objects.
    case array, object
}

extension OrderKey {
    /// Appends a value by its place.
    /// - Parameter place: a scalar or undefined.
    mutating func append(_ place: OrderPlace, isDescending: Bool) {
        let value: Value =
            switch place {
            case .undefined, .array, .object: .undefined
            case .null: .null
            case .boolean(let flag): .boolean(flag)
            case .number(let number): .number(number)
            case .string(let utf8), .stringPrefix(let utf8): .string(String(decoding: utf8, as: UTF8.self))
            }
        append(value, isDescending: isDescending)
    }

    /// The leading values of a key that was made of these directions, up to the first that is not a scalar or was cut
    /// short; and the number behind them that settles ties, where all of them are whole.
    func places(isDescending: [Bool]) -> (places: [OrderPlace], tie: UInt64?) {
        var rest = bytes[...]
        var places: [OrderPlace] = []
        for isDescending in isDescending {
            guard let place = Self.place(&rest, isDescending) else { return (places, nil) }
            places.append(place)
            switch place {
            case .stringPrefix, .array, .object: return (places, nil)
            default: continue
            }
        }
        guard rest.count >= 8 else { return (places, nil) }
        let number = rest.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        return (places, isDescending.first == true ? ~number : number)
    }

    /// Reads one value off the front; nil where too little of it is left.
    private static func place(_ rest: inout ArraySlice<UInt8>, _ isDescending: Bool) -> OrderPlace? {
        let mask: UInt8 = isDescending ? 0xFF : 0
        guard let type = rest.popFirst().map({ $0 ^ mask }) else { return nil }
        switch type {
        case 1: return .undefined
        case 2: return .null
        case 3: return .boolean(false)
        case 4: return .boolean(true)
        case 5:
            guard rest.count >= 8 else { return nil }
            let bits = rest.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1 ^ mask) }
            rest = rest.dropFirst(8)
            return .number(Double(bitPattern: bits >> 63 == 1 ? bits & ~(1 << 63) : ~bits))
        case 6: return string(&rest, mask)
        case 7: return .array
        case 8: return .object
        default: return nil
        }
    }

    private static func string(_ rest: inout ArraySlice<UInt8>, _ mask: UInt8) -> OrderPlace {
        var utf8: [UInt8] = []
        while let byte = rest.popFirst().map({ $0 ^ mask }) {
            guard byte == 0 else {
                utf8.append(byte)
                continue
            }
            guard let next = rest.popFirst().map({ $0 ^ mask }) else { break }
            if next != 0xFF { return .string(utf8) }
            utf8.append(0)
        }
        return .stringPrefix(utf8)
    }
}
