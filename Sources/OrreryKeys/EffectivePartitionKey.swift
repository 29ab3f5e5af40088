/// Where a partition key stands among all of a container's: the bytes that ranges divide.
///
/// They compare byte by byte, a prefix before what it begins. No bytes at all are the least key and the single byte FF
/// the end of all, which no key reaches.
public struct EffectivePartitionKey: Sendable, Hashable, Comparable {
    /// The bytes, most significant first.
    public let bytes: [UInt8]

    /// A key from its bytes.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Parses hexadecimal digits of either case; nil for anything else or an odd number of them.
    public init?(hex: some StringProtocol) {
        var bytes: [UInt8] = []
        var upper: UInt8?
        for digit in hex.utf8 {
            guard let value = hexadecimalValue(ofDigit: digit) else { return nil }
            if let high = upper {
                bytes.append(high << 4 | value)
                upper = nil
            } else {
                upper = value
            }
        }
        guard upper == nil else { return nil }
        self.bytes = bytes
    }

    /// The least key: inclusive start of the first range.
    public static let min = EffectivePartitionKey(bytes: [])

    /// The end: exclusive end of the last range.
    public static let max = EffectivePartitionKey(bytes: [0xFF])

    /// Upper-case hexadecimal digits, as the service writes keys.
    public var hex: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            digits.append(Self.digit(byte >> 4))
            digits.append(Self.digit(byte & 0xF))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Byte by byte, a prefix first.
    public static func < (a: EffectivePartitionKey, b: EffectivePartitionKey) -> Bool {
        a.bytes.lexicographicallyPrecedes(b.bytes)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
