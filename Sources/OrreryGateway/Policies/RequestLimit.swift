import OrreryHTTP

/// `request-limit`: the largest body that a call may have.
struct RequestLimit: Sendable {
    private let bodyBytesMax: Int

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        bodyBytesMax = try reader.requiredInteger("bodyBytes", in: 0...(2 << 20))
    }

    func apply(to call: GatewayCall) -> PolicyOutcome {
        call.request.body.count <= bodyBytesMax
            ? .goOn : .answer(GatewayAnswer.error(413, "The body is larger than \(bodyBytesMax) bytes."))
    }
}
