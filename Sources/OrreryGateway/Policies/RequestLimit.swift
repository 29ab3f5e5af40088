import OrreryHTTP

/// `request-limit`: the largest body that a call may have. One that comes in chunks is broken off where it gets longer.
struct RequestLimit: Sendable {
    private let bodyBytesMax: Int

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        bodyBytesMax = try reader.requiredInteger("bodyBytes", in: 0...(1 << 40))
    }

    func apply(to call: GatewayCall) -> PolicyOutcome {
        guard call.announcedBodyBytes <= bodyBytesMax else {
            return .answer(GatewayAnswer.error(413, "The body is larger than \(bodyBytesMax) bytes."))
        }
        call.request.upload?.limit(bytes: bodyBytesMax)
        return .goOn
    }
}
