import Testing

@testable import OrreryHTTP

@Suite struct HTTPAddressPolicyTests {
    private func reach(_ bytes: [UInt8]) -> AddressReach {
        func word(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
        if bytes.count == 4 { return AddressReach(HTTPPeerAddress(ipv4: UInt32(word(0..<4)), port: 80)) }
        return AddressReach(HTTPPeerAddress(ipv6High: word(0..<8), low: word(8..<16), port: 80))
    }

    @Test func ipv4() {
        let expected: [([UInt8], AddressReach)] = [
            ([8, 8, 8, 8], .everyone), ([172, 15, 0, 1], .everyone), ([172, 32, 0, 1], .everyone),
            ([100, 128, 0, 1], .everyone), ([192, 167, 1, 1], .everyone), ([223, 255, 255, 1], .everyone),
            ([127, 0, 0, 1], .loopback), ([127, 255, 0, 1], .loopback),
            ([10, 1, 2, 3], .privateNetwork), ([172, 16, 0, 1], .privateNetwork), ([172, 31, 255, 1], .privateNetwork),
            ([192, 168, 0, 1], .privateNetwork), ([100, 64, 0, 1], .privateNetwork),
            ([169, 254, 169, 254], .link),
            ([0, 0, 0, 0], .nobody), ([224, 0, 0, 1], .nobody), ([255, 255, 255, 255], .nobody),
            ([198, 18, 0, 1], .nobody), ([192, 0, 2, 1], .nobody),
        ]
        for (bytes, reach) in expected { #expect(self.reach(bytes) == reach, "\(bytes)") }
    }

    @Test func ipv6() {
        func address(_ start: [UInt8], _ end: [UInt8]) -> [UInt8] {
            start + Array(repeating: 0, count: 16 - start.count - end.count) + end
        }
        let expected: [([UInt8], AddressReach)] = [
            (address([0x2A, 0], [1]), .everyone), (address([], [1]), .loopback), (address([], [0]), .nobody),
            (address([0xFC], [1]), .privateNetwork), (address([0xFD, 1], [1]), .privateNetwork),
            (address([0xFE, 0x80], [1]), .link), (address([0xFF, 2], [1]), .nobody),
            (address([], [0xFF, 0xFF, 127, 0, 0, 1]), .loopback),
            (address([], [0xFF, 0xFF, 10, 0, 0, 1]), .privateNetwork),
            (address([], [0xFF, 0xFF, 8, 8, 8, 8]), .everyone), (address([], [169, 254, 1, 1]), .link),
            (address([0, 0x64, 0xFF, 0x9B], [127, 0, 0, 1]), .loopback),
            (address([0x20, 2, 192, 168, 1, 1], [1]), .privateNetwork),
        ]
        for (bytes, reach) in expected { #expect(self.reach(bytes) == reach, "\(bytes)") }
    }

    @Test func policies() {
        let loopback = HTTPPeerAddress(ipv4: 0x7F00_0001, port: 1)
        #expect(!HTTPAddressPolicy().allows(loopback))
        #expect(HTTPAddressPolicy(allowsLoopback: true).allows(loopback))
        #expect(!HTTPAddressPolicy(allowsPrivate: true, allowsLinkLocal: true).allows(loopback))
        #expect(!HTTPAddressPolicy.everywhere.allows(.unknown))
        #expect(!HTTPAddressPolicy.everywhere.allows(HTTPPeerAddress(ipv4: 0, port: 1)))
    }
}
