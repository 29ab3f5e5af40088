import OrreryHTTP

/// An IPv4 or IPv6 address. IPv4 addresses are kept as IPv6 ones that stand for them (RFC 4291, section 2.5.5.2), so
/// that the two forms of one address are equal.
struct IPAddress: Sendable, Hashable, Comparable {
    let high: UInt64
    let low: UInt64

    private static let mappedPrefix: UInt64 = 0xFFFF_0000_0000

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A connection's peer; nil where the transport has no addresses.
    init?(_ peer: HTTPPeerAddress) {
        let bytes = peer.bytes
        func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
        switch bytes.count {
        case 4: self.init(high: 0, low: Self.mappedPrefix | number(0..<4))
        case 16: self.init(high: number(0..<8), low: number(8..<16))
        default: return nil
        }
    }

    /// Whether it is this machine's own: `127.0.0.0/8` or `::1`.
    var isLoopback: Bool { high == 0 && (low == 1 || low >> 24 == Self.mappedPrefix >> 24 | 127) }

    /// Reads `192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1`. Nil for anything else: no ports, zones or spaces.
    init?(text: some StringProtocol) {
        guard text.utf8.count <= 45 else { return nil }
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let groups = Self.groups(String(text)) else { return nil }
            func number(_ range: Range<Int>) -> UInt64 { groups[range].reduce(0) { $0 << 16 | UInt64($1) } }
            self.init(high: number(0..<4), low: number(4..<8))
        } else {
            guard let address = Self.ipv4(text) else { return nil }
            self.init(high: 0, low: Self.mappedPrefix | UInt64(address))
        }
    }

    private static func ipv4(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            // A leading zero would be octal to some and decimal to others.
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part.utf8.count == 1 || part.utf8.first != 0x30, let byte = UInt8(part)
            else { return nil }
            address = address << 8 | UInt32(byte)
        }
        return address
    }

    private static func groups(_ text: String) -> [UInt16]? {
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2, let head = run(halves[0]) else { return nil }
        guard halves.count == 2 else { return head.count == 8 ? head : nil }
        guard let tail = run(halves[1]), head.count + tail.count <= 7 else { return nil }
        return head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    private static func run(_ text: Substring) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.utf8.contains(UInt8(ascii: ".")) {
                guard let address = ipv4(part) else { return nil }
                groups += [UInt16(address >> 16), UInt16(truncatingIfNeeded: address)]
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups.count <= 8 ? groups : nil
    }

    static func < (left: IPAddress, right: IPAddress) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    private var isIPv4: Bool { high == 0 && low & ~0xFFFF_FFFF == Self.mappedPrefix }

    var text: String {
        func hex(_ word: UInt64) -> [String] {
            stride(from: 48, through: 0, by: -16).map { shift in
                String(UInt16(truncatingIfNeeded: word >> UInt64(shift)), radix: 16)
            }
        }
        if isIPv4 {
            return stride(from: 24, through: 0, by: -8).map { "\(UInt8(truncatingIfNeeded: low >> UInt64($0)))" }
                .joined(separator: ".")
        }
        return (hex(high) + hex(low)).joined(separator: ":")
    }

    /// The address without all but its first bits, and with all of them set.
    fileprivate func range(prefixBits: Int) -> ClosedRange<IPAddress> {
        func mask(_ bits: Int) -> UInt64 { bits >= 64 ? .max : bits <= 0 ? 0 : ~(UInt64.max >> UInt64(bits)) }
        let (highMask, lowMask) = (mask(prefixBits), mask(prefixBits - 64))
        let first = IPAddress(high: high & highMask, low: low & lowMask)
        return first...IPAddress(high: high | ~highMask, low: low | ~lowMask)
    }

    /// Bits that stand before an IPv4 address's own.
    fileprivate var prefixOffset: Int { isIPv4 ? 96 : 0 }
}

/// Addresses one after the other: one, a prefix as `192.0.2.0/24`, or a first and last one as `192.0.2.1-192.0.2.9`.
struct IPRange: Sendable, Equatable {
    private let addresses: ClosedRange<IPAddress>

    init?(text: String) {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        if ends.count == 2 {
            guard let first = IPAddress(text: ends[0]), let last = IPAddress(text: ends[1]), first <= last else {
                return nil
            }
            addresses = first...last
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let address = IPAddress(text: parts[0]) else { return nil }
        if parts.count == 1 {
            addresses = address...address
        } else {
            guard parts.count == 2, let bits = Int(parts[1]), (0...(128 - address.prefixOffset)).contains(bits) else {
                return nil
            }
            addresses = address.range(prefixBits: bits + address.prefixOffset)
        }
    }

    func contains(_ address: IPAddress) -> Bool { addresses.contains(address) }
}
