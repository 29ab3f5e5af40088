/// The address a request came from.
public struct HTTPPeerAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 bytes for IPv4, 16 for IPv6, none where the transport has no address; in network order.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in 0..<count {
            let word = index < 8 ? high : low
            bytes.append(UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64(index % 8))))
        }
        return bytes
    }

    /// The peer's port, in host order.
    public let port: UInt16

    // Two words rather than an array: an address is taken for each request, and this way needs no allocation.
    private let high: UInt64
    private let low: UInt64
    private let count: Int

    /// No address is known.
    public static let unknown = HTTPPeerAddress(high: 0, low: 0, count: 0, port: 0)

    /// An IPv4 address in host order.
    public init(ipv4: UInt32, port: UInt16) {
        self.init(high: UInt64(ipv4) << 32, low: 0, count: 4, port: port)
    }

    /// An IPv6 address as its upper and lower halves in host order.
    public init(ipv6High high: UInt64, low: UInt64, port: UInt16) {
        self.init(high: high, low: low, count: 16, port: port)
    }

    private init(high: UInt64, low: UInt64, count: Int, port: UInt16) {
        self.high = high
        self.low = low
        self.count = count
        self.port = port
    }

    /// `127.0.0.1:4321` or `[0:0:0:0:0:0:0:1]:4321`; `unknown` where there is none.
    public var description: String {
        let bytes = bytes
        switch bytes.count {
        case 4:
            return bytes.map(String.init).joined(separator: ".") + ":\(port)"
        case 16:
            let groups = stride(from: 0, to: 16, by: 2).map { index in
                String(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]), radix: 16)
            }
            return "[" + groups.joined(separator: ":") + "]:\(port)"
        default:
            return "unknown"
        }
    }
}
