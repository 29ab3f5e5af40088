import OrreryCrypto
import OrreryTriggers

extension EventHost {
    /// Publishes an event from within the program, unless the topic keeps one of its source and id already: so it is
    /// there once, however often this is called. It is durable when this returns.
    /// - Parameters:
    ///   - event: an event without a time is given the present one.
    ///   - traceparent: the trace that the publication is part of (W3C Trace Context); nil for none.
    /// - Throws: `notFound`, `badRequest`, `tooLarge`, `unavailable`.
    public func publishOnce(
        _ event: Event, to topicName: String, traceparent: String? = nil
    ) async throws(EventError) {
        let topic = try topic(topicName)
        var event = event
        event.time = event.time ?? EventTime(microseconds: clock.nowMilliseconds() * 1000).text
        // Neither part has a zero byte, so that no two pairs have the same text.
        let name = SHA256.digest(of: Array("\(event.source)\0\(event.id)".utf8)).hex
        let new = NewEvent(
            documentID: "once-\(name)", event: event, schema: .cloudEvents, traceparent: traceparent)
        do throws(EventError) {
            try await publish([new], to: topic)
        } catch {
            if error.kind != .conflict { throw error }
        }
    }
}
