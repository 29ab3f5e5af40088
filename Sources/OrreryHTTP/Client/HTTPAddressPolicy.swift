/// Which addresses a client may connect to. Those inside a network are refused unless they are allowed, so that an
/// address given by a stranger cannot make the server call its own surroundings.
///
/// What is asked about is the address of each connection, at the moment it is made: a name that leads elsewhere by then
/// gains nothing.
public struct HTTPAddressPolicy: Sendable, Equatable {
    /// 127.0.0.0/8 and ::1.
    public var allowsLoopback: Bool
    /// 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 and fc00::/7.
    public var allowsPrivate: Bool
    /// 169.254.0.0/16, where clouds keep their secrets, and fe80::/10.
    public var allowsLinkLocal: Bool

    /// Public addresses, and what is allowed besides.
    public init(allowsLoopback: Bool = false, allowsPrivate: Bool = false, allowsLinkLocal: Bool = false) {
        self.allowsLoopback = allowsLoopback
        self.allowsPrivate = allowsPrivate
        self.allowsLinkLocal = allowsLinkLocal
    }

    /// Every address that can be connected to.
    public static let everywhere = HTTPAddressPolicy(allowsLoopback: true, allowsPrivate: true, allowsLinkLocal: true)

    /// Whether connections to the address may be made. Addresses that lead to nobody in particular never may:
    /// unspecified, multicast, reserved.
    public func allows(_ address: HTTPPeerAddress) -> Bool {
        switch AddressReach(address) {
        case .everyone: true
        case .loopback: allowsLoopback
        case .privateNetwork: allowsPrivate
        case .link: allowsLinkLocal
        case .nobody: false
        }
    }
}

/// How far an address reaches (IANA's registries of special-purpose addresses, RFC 6890).
enum AddressReach: Equatable {
    case everyone, loopback, privateNetwork, link, nobody

    init(_ address: HTTPPeerAddress) {
        let bytes = address.bytes
        switch bytes.count {
        case 4: self = Self.ofIPv4(bytes[0], bytes[1], bytes[2])
        case 16: self = Self.ofIPv6(bytes)
        default: self = .nobody
        }
    }

    private static func ofIPv4(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> AddressReach {
        switch (first, second, third) {
        case (127, _, _): .loopback
        case (10, _, _), (172, 16...31, _), (192, 168, _), (100, 64...127, _): .privateNetwork
        case (169, 254, _): .link
        case (0, _, _), (192, 0, 0), (192, 0, 2), (198, 18...19, _), (198, 51, 100), (203, 0, 113), (224..., _, _):
            .nobody
        default: .everyone
        }
    }

    private static func ofIPv6(_ bytes: [UInt8]) -> AddressReach {
        let startsWithZeros = bytes[0..<10].allSatisfy { $0 == 0 }
        if startsWithZeros, bytes[10..<15].allSatisfy({ $0 == 0 }) {
            return bytes[15] == 1 ? .loopback : .nobody
        }
        // Addresses that carry one of IPv4: mapped and compatible ones, translated ones (64:ff9b::/96), 6to4.
        let isMapped = startsWithZeros && (bytes[10] == bytes[11]) && (bytes[10] == 0xFF || bytes[10] == 0)
        let isTranslated = bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B])
        if isMapped || isTranslated { return ofIPv4(bytes[12], bytes[13], bytes[14]) }
        if bytes.starts(with: [0x20, 0x02]) { return ofIPv4(bytes[2], bytes[3], bytes[4]) }
        switch (bytes[0], bytes[1]) {
        case (0xFC...0xFD, _), (0xFE, 0xC0...0xFF): return .privateNetwork
        case (0xFE, 0x80...0xBF): return .link
        case (0xFF, _): return .nobody
        default: return bytes.starts(with: [0x20, 0x01, 0x0D, 0xB8]) ? .nobody : .everyone
        }
    }
}
