import Dispatch
import Testing

@testable import OrreryHTTP

/// One server-sent event.
struct ServerSentEvent: Equatable {
    var name: String?
    var id: String?
    var data = ""

    /// The value of a member of the event's document, where it is a string.
    func text(of member: String) -> String? {
        data.split(separator: "\"\(member)\":\"").dropFirst().first.map { String($0.prefix { $0 != "\"" }) }
    }
}

/// Reads the events of a stream, in a client's stead.
final class EventReader {
    let stream: HTTPBodyStream
    private var received: [UInt8] = []

    init(_ response: HTTPResponse) throws {
        #expect(response.status == 200)
        #expect(response.headers["content-type"] == "text/event-stream")
        stream = try #require(response.stream)
    }

    deinit { stream.end() }

    /// The next event; nil when none comes for long.
    func next() -> ServerSentEvent? {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            received += stream.takePending()
            if let range = received.firstRange(of: Array("\n\n".utf8)) {
                let text = String(decoding: received[..<range.lowerBound], as: UTF8.self)
                received.removeSubrange(..<range.upperBound)
                return event(text)
            }
            _ = DispatchSemaphore(value: 0).wait(timeout: .now() + 0.001)
        }
        return nil
    }

    private func event(_ text: String) -> ServerSentEvent {
        var event = ServerSentEvent()
        for line in text.split(separator: "\n") {
            if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
            if line.hasPrefix("event: ") { event.name = String(line.dropFirst(7)) }
            if line.hasPrefix("data: ") { event.data += line.dropFirst(6) }
        }
        return event
    }
}
