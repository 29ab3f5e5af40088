/// `time-limit`: how long whatever answers a call may take, from when the policies let the call pass. The answer to one
/// that has not begun to be answered by then is 504, and it is given up: a server behind is not asked any longer, a
/// function's task is cancelled, and what a container answers later goes nowhere.
struct TimeLimit: Sendable {
    private let milliseconds: Int

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        milliseconds = try reader.requiredInteger("milliseconds", in: 1...3_600_000)
    }

    func apply(to call: inout GatewayCall) -> PolicyOutcome {
        // Of several the shortest holds.
        call.timeLimitMilliseconds = min(milliseconds, call.timeLimitMilliseconds ?? .max)
        return .goOn
    }
}
