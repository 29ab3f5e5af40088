import OrreryHTTP

/// Where a call came from. What a call says of that itself, in `X-Forwarded-For`, is believed of proxies that the
/// operator trusts, and of nobody else.
struct ClientAddress: Sendable, Equatable {
    /// Nil where the transport has no addresses.
    let address: IPAddress?

    init(_ request: HTTPRequest, trusting proxies: [IPRange]) {
        var current = IPAddress(request.peer)
        guard !proxies.isEmpty else {
            address = current
            return
        }
        // Each proxy adds whom it was called by, so the last name is the nearest. Some add a field of their own, and
        // several fields are one list (RFC 9110, section 5.3).
        let fields = request.headers.values(named: "x-forwarded-for")
        var hops = fields.flatMap { $0.split(separator: ",").map(Self.trimmed) }[...]
        while let known = current, proxies.contains(where: { $0.contains(known) }), let hop = hops.popLast() {
            guard let next = IPAddress(text: hop) else {
                // A trusted proxy passed on what cannot be read: nobody's address then.
                current = nil
                break
            }
            current = next
        }
        address = current
    }

    var text: String { address?.text ?? "" }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.utf8.first == 0x20 || text.utf8.first == 0x09 { text = text.dropFirst() }
        while text.utf8.last == 0x20 || text.utf8.last == 0x09 { text = text.dropLast() }
        return text
    }
}
