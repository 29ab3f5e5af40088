import OrreryDocuments

/// Values as bytes whose plain byte order is the language's order, undefined < null < false < true < number < string
/// < array < object, and whose equality is deep equality. ORDER BY, GROUP BY, DISTINCT, sets and IN lists all use it,
/// and continuations carry it.
///
///     undefined 01 · null 02 · false 03 · true 04
///     number    05, then the IEEE bits of the double, big-endian, sign flipped (all bits for negative numbers)
///     string    06, then the UTF-8 with 00 as 00 FF, then 00 01
///     array     07, then the elements, then 00
///     object    08, then the members sorted by name (each a string and a value), then 00
///
/// No key is the start of another, so keys may be joined; a descending key has every byte inverted.
struct OrderKey: Sendable, Hashable, Comparable {
    private(set) var bytes: [UInt8] = []

    init() {}

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    init(_ value: Value) {
        append(value)
    }

    /// Makes it empty, and keeps its room.
    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    static func < (a: OrderKey, b: OrderKey) -> Bool {
        a.bytes.lexicographicallyPrecedes(b.bytes)
    }

    mutating func append(_ value: Value, isDescending: Bool = false) {
        let start = bytes.count
        encode(value)
        guard isDescending else { return }
        for index in start..<bytes.count { bytes[index] = ~bytes[index] }
    }

    /// A number that settles ties.
    mutating func append(tie number: UInt64, isDescending: Bool = false) {
        let bits = isDescending ? ~number : number
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
    }

    private mutating func encode(_ value: Value) {
        switch value {
        case .undefined: bytes.append(1)
        case .null: bytes.append(2)
        case .boolean(let boolean): bytes.append(boolean ? 4 : 3)
        case .integer(let integer): encode(Double(integer))
        case .number(let number): encode(number)
        case .string(let string): encode(string)
        case .array(let array):
            bytes.append(7)
            for element in array.elements { encode(element) }
            bytes.append(0)
        case .object(let object):
            encode(object.members)
        case .node(let node):
            encode(node)
        }
    }

    private mutating func encode(_ node: JSONNode) {
        switch node.kind {
        case .null: bytes.append(2)
        case .boolean: bytes.append(node.boolean == true ? 4 : 3)
        case .number: encode(node.double ?? 0)
        case .string: encode(utf8: node.stringBytes ?? [])
        case .array:
            bytes.append(7)
            for element in node.elements { encode(element) }
            bytes.append(0)
        case .object:
            encode(Value.node(node).members ?? [])
        }
    }

    private mutating func encode(_ members: [ComputedMember]) {
        bytes.append(8)
        for member in members.sorted(by: { JSONOrder.compare($0.name, $1.name) == .before }) {
            encode(member.name)
            encode(member.value)
        }
        bytes.append(0)
    }

    private mutating func encode(_ number: Double) {
        bytes.append(5)
        let bits = (number == 0 ? 0.0 : number).bitPattern
        append(tie: bits >> 63 == 0 ? bits | 1 << 63 : ~bits)
    }

    private mutating func encode(_ string: String) {
        bytes.append(6)
        for byte in string.utf8 { append(stringByte: byte) }
        bytes.append(0)
        bytes.append(1)
    }

    private mutating func encode(utf8: [UInt8]) {
        bytes.append(6)
        for byte in utf8 { append(stringByte: byte) }
        bytes.append(0)
        bytes.append(1)
    }

    private mutating func append(stringByte byte: UInt8) {
        bytes.append(byte)
        if byte == 0 { bytes.append(0xFF) }
    }
}
