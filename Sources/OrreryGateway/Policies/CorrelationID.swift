import OrreryTelemetry

/// `correlation-id`: gives each call a name under which it is found again: in the request that is passed on, in the
/// answer, and in the log. A caller's own is kept where it is one. Calls that are traced (W3C Trace Context) go on with
/// the trace as a part of it; others begin one.
final class CorrelationID: Sendable {
    private let header: String
    private let keepsCallers: Bool
    private let logsCalls: Bool
    private static let bytesMax = 128

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        header = try reader.headerName("header") ?? "X-Correlation-ID"
        keepsCallers = try reader.flag("keepsCallers") ?? true
        logsCalls = try reader.flag("logsCalls") ?? false
    }

    func apply(to call: inout GatewayCall) -> PolicyOutcome {
        let given = keepsCallers ? call.headers.first(header).flatMap(Self.checked) : nil
        let id = given ?? FindingNumber.digits()
        call.correlationID = id
        call.logsCall = logsCalls
        let change = FieldChange(name: header, action: .override, value: id)
        call.headers.apply(change)
        call.answerHeaders.append(change)
        let trace = TraceParent(after: call.headers.first("traceparent"))
        call.headers.apply(FieldChange(name: "traceparent", action: .override, value: trace.text))
        return .goOn
    }

    /// What a caller calls its call, where that is fit for a log: letters, digits and a few signs.
    private static func checked(_ text: String) -> String? {
        let isFit = (1...bytesMax).contains(text.utf8.count) && text.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        }
        return isFit ? text : nil
    }
}
