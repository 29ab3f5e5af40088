import OrreryHTTP
import Testing

@testable import OrreryGateway

@Suite struct AddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("::1", "0:0:0:0:0:0:0:1"),
        ("2001:db8::8:0", "2001:db8:0:0:0:0:8:0"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("::", "0:0:0:0:0:0:0:0"),
        ("", nil), ("1.2.3", nil), ("1.2.3.256", nil), ("01.2.3.4", nil), ("1.2.3.4.5", nil), ("+1.2.3.4", nil),
        (":::", nil), ("1::2::3", nil), ("1:2:3:4:5:6:7", nil), ("1:2:3:4:5:6:7:8:9", nil), ("::12345", nil),
        ("::1%eth0", nil), (" ::1", nil), ("::+1", nil), ("1:2:3:4:5:6:7::8", nil), ("fe80::1:", nil),
    ])
    func addressesAreRead(_ text: String, _ expected: String?) {
        #expect(IPAddress(text: text)?.text == expected)
    }

    @Test(arguments: [
        ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false), ("192.0.2.9", "192.0.2.9", true),
        ("192.0.2.1-192.0.2.9", "192.0.2.5", true), ("192.0.2.1-192.0.2.9", "192.0.2.10", false),
        ("0.0.0.0/0", "203.0.113.7", true), ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "203.0.113.7", true),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false),
        ("192.0.2.0/24", "::ffff:192.0.2.7", true), ("192.0.2.7/32", "192.0.2.7", true),
    ])
    func rangesHoldAddresses(_ range: String, _ address: String, _ expected: Bool) throws {
        let address = try #require(IPAddress(text: address))
        #expect(IPRange(text: range)?.contains(address) == expected)
    }

    @Test(arguments: [
        "", "192.0.2.0/33", "192.0.2.0/-1", "::/129", "192.0.2.9-192.0.2.1", "a", "1.2.3.4/", "1.2.3.4/8/8",
    ])
    func whatIsNoRange(_ text: String) { #expect(IPRange(text: text) == nil) }

    private static func document(_ action: String) -> [String] {
        [
            #"{"kind":"settings","trustedProxies":["10.0.0.0/8"],"policies":[{"policy":"ip-filter","#
                + #""action":"\#(action)","addresses":["203.0.113.0/24","2001:db8::/32"]}]}"#,
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"operations":[{"id":"o","method":"GET","#
                + #""policies":[{"policy":"mock-response","status":204}]}]}"#,
        ]
    }

    private static let proxy = HTTPPeerAddress(ipv4: 0x0A00_0001, port: 1)
    private static let inside = HTTPPeerAddress(ipv4: 0xCB00_7105, port: 1)
    private static let outside = HTTPPeerAddress(ipv4: 0xC633_6401, port: 1)

    @Test(arguments: [
        (inside, nil, 204), (outside, nil, 403), (.unknown, nil, 403),
        // What anybody says of where it comes from counts for nothing.
        (outside, "203.0.113.5", 403), (inside, "198.51.100.1", 204),
        (proxy, "203.0.113.5", 204), (proxy, "198.51.100.1", 403), (proxy, "203.0.113.5, 198.51.100.1", 403),
        (proxy, "198.51.100.1, 203.0.113.5", 204), (proxy, "203.0.113.5, 10.0.0.9", 204),
        (proxy, "nobody, 203.0.113.5", 204), (proxy, "203.0.113.5, nobody", 403), (proxy, "2001:db8::7", 204),
        (proxy, nil, 403), (proxy, "", 403),
    ] as [(HTTPPeerAddress, String?, Int)])
    func forwardedAddressesCountFromTrustedProxies(
        _ peer: HTTPPeerAddress, _ forwarded: String?, _ status: Int
    ) throws {
        let gateway = try TestGateway(Self.document("allow"))
        let headers = forwarded.map { [(name: "X-Forwarded-For", value: $0)] } ?? []
        #expect(gateway.send("GET", "/a", headers, from: peer)?.status == status)
    }

    /// A proxy may add a field of its own behind the one that the caller sent.
    @Test func allFieldsCount() throws {
        let gateway = try TestGateway(Self.document("allow"))
        for (fields, status) in [
            (["203.0.113.5", "198.51.100.1"], 403), (["198.51.100.1", "203.0.113.5"], 204),
            (["203.0.113.5", "198.51.100.1, 10.0.0.9"], 403), (["198.51.100.1, 203.0.113.5", "10.0.0.9"], 204),
        ] {
            let headers = fields.map { (name: "X-Forwarded-For", value: $0) }
            #expect(gateway.send("GET", "/a", headers, from: Self.proxy)?.status == status, "\(fields)")
        }
    }

    @Test func forbiddenAddressesAreForbidden() throws {
        let gateway = try TestGateway(Self.document("forbid"))
        #expect(gateway.send("GET", "/a", from: Self.inside)?.status == 403)
        #expect(gateway.send("GET", "/a", from: Self.outside)?.status == 204)
        #expect(gateway.send("GET", "/a", from: .unknown)?.status == 403)
    }
}
