import OrreryDocuments
import Testing

@testable import OrreryEvents

/// What is published in each schema and mode becomes the same event, and what comes out is what went in.
@Suite struct EventFormatTests {
    static let now = EventTime(microseconds: 1_763_000_000_000_000)

    private func read(
        _ schema: EventSchema, _ body: String, _ contentType: String? = nil,
        headers: [(name: String, value: String)] = [], mapping: InputSchemaMapping = InputSchemaMapping()
    ) throws -> [Event] {
        try EventReader(schema: schema, topic: "/topics/orders", mapping: mapping)
            .events(in: Array(body.utf8), contentType: contentType, headers: headers, now: Self.now)
    }

    private func refusal(_ schema: EventSchema, _ body: String, _ contentType: String? = nil) -> EventError? {
        do {
            _ = try read(schema, body, contentType)
            return nil
        } catch {
            return error as? EventError
        }
    }

    @Test func eventGridSchema() throws {
        let event = try #require(
            try read(
                .eventGrid,
                """
                [{"id":"1","subject":"orders/7","eventType":"Order.Created","eventTime":"2026-11-20T20:04:48.1212601Z",
                  "data":{"n": 1.50},"dataVersion":"2.0","metadataVersion":null}]
                """
            ).first)
        #expect(event.source == "/topics/orders")
        #expect(event.dataVersion == "2.0")
        #expect(event.data == .json(Array(#"{"n": 1.50}"#.utf8)))
        let written = String(decoding: EventWriter(.eventGrid).body(of: [event], isBatch: false), as: UTF8.self)
        #expect(
            written == #"[{"id":"1","topic":"/topics/orders","subject":"orders/7","eventType":"Order.Created","#
                + #""eventTime":"2026-11-20T20:04:48.1212601Z","data":{"n": 1.50},"dataVersion":"2.0","#
                + #""metadataVersion":"1"}]"#)
        #expect(try Event(json: event.json) == event)
    }

    @Test(arguments: [
        (#"{}"#, "Token Expected: StartArray, Actual Token Received: StartObject."),
        (#"[1]"#, "Token Expected: StartObject, Actual Token Received: Number."),
        (#"[{"id":""}]"#, "Required property 'id' is missing or empty."),
        (#"[{"id":"1","eventType":"t","eventTime":"2026-01-01T00:00:00Z"}]"#, "'subject' is missing"),
        (#"[{"id":"1","eventType":"t","subject":"s","eventTime":"yesterday"}]"#, "'eventTime' is not a date"),
        (#"[{"id":"1","source":"x"}]"#, "Received unexpected property 'source' in JSON"),
        (#"[{"id":"1","eventType":"t","subject":"","eventTime":"2026-01-01T00:00:00","topic":"other"}]"#, "'topic'"),
        (#"["#, "The body is not JSON: unexpected end of text at byte 1."),
    ])
    func eventGridRefusals(body: String, message: String) throws {
        let error = try #require(refusal(.eventGrid, body))
        #expect(error.message.contains(message), "\(error.message)")
        #expect(error.status == 400)
    }

    @Test func sizes() throws {
        let filler = String(repeating: "x", count: 1_100_000)
        let event = #"{"specversion":"1.0","id":"1","source":"s","type":"t","data":"\#(filler)"}"#
        #expect(refusal(.cloudEvents, event)?.message == "The maximum size (1048576) has been exceeded.")
        let both = refusal(.cloudEvents, "[\(event),\(event)]")
        #expect(both?.message == "The maximum size (1536000) has been exceeded.")
        #expect(both?.status == 413)
    }

    private static let cloudEvent =
        #"{"specversion":"1.0","id":"A","source":"/s","type":"T","subject":"x","time":"2026-11-20T20:04:48+02:00","#
        + #""datacontenttype":"application/json","dataschema":"http://schema","flag":true,"hop":5,"trace":"t","#
        + #""data":{"a":[1]}}"#

    @Test func cloudEventsInEveryMode() throws {
        let structured = try read(.cloudEvents, Self.cloudEvent, "application/cloudevents+json; charset=utf-8")
        let batch = try read(.cloudEvents, "[\(Self.cloudEvent)]", "application/cloudevents-batch+json")
        let byShape = try read(.cloudEvents, "[\(Self.cloudEvent)]", "application/json")
        #expect(structured == batch && structured == byShape)
        let event = try #require(structured.first)
        #expect(event[extension: "hop"] == .integer(5))
        #expect(event[extension: "flag"] == .boolean(true))
        let text = String(decoding: EventWriter(.cloudEvents).body(of: [event], isBatch: false), as: UTF8.self)
        #expect(text == Self.cloudEvent)

        let message = CloudEventsBinary.message(of: event)
        let binary = try read(
            .cloudEvents, String(decoding: message.body, as: UTF8.self), message.contentType, headers: message.headers)
        var expected = event
        // Headers have no types.
        expected.extensions = event.extensions.map { EventExtension($0.name, .string($0.text)) }
        #expect(binary == [expected])
    }

    @Test func binaryModeHeadersAreDecoded() throws {
        let headers = [
            ("CE-SpecVersion", "1.0"), ("ce-id", "a%20b"), ("ce-source", "/caf%C3%A9"), ("ce-type", "T%2"),
            ("ce-mine", "%22"), ("content-type", "text/plain"),
        ]
        let event = try #require(try read(.cloudEvents, "hello \"you\"", "text/plain", headers: headers).first)
        #expect(event.id == "a b")
        #expect(event.source == "/café")
        #expect(event.type == "T%2")
        #expect(event[extension: "mine"] == .string("\""))
        #expect(event.data == .json(Array(#""hello \"you\"""#.utf8)))
        #expect(CloudEventsBinary.message(of: event).body == Array("hello \"you\"".utf8))
        let bytes = try EventReader(schema: .cloudEvents, topic: "")
            .events(in: [0xFF, 0], contentType: "image/png", headers: headers, now: Self.now)
        #expect(bytes.first?.data == .binary([0xFF, 0]))
        #expect(try bytes.first.map { try Event(json: $0.json) } == bytes.first)
    }

    @Test(arguments: [
        (#"{"id":"1","source":"s","type":"t"}"#, "'specversion'"),
        (#"{"specversion":"0.3","id":"1","source":"s","type":"t"}"#, "'specversion'"),
        (#"{"specversion":"1.0","id":"1","type":"t"}"#, "'source'"),
        (#"{"specversion":"1.0","id":"1","source":"s","type":"t","Bad_Name":1}"#, "'Bad_Name'"),
        (#"{"specversion":"1.0","id":"1","source":"s","type":"t","ext":1.5}"#, "'ext'"),
        (#"{"specversion":"1.0","id":"1","source":"s","type":"t","ext":2147483648}"#, "'ext'"),
        (#"{"specversion":"1.0","id":"1","source":"s","type":"t","time":"2026-11-20T20:04:48"}"#, "'time'"),
        (#"{"specversion":"1.0","id":"1","source":"s","type":"t","data":1,"data_base64":"AA=="}"#, "exclude"),
        (#"{"specversion":"1.0","id":"1","source":"s","type":"t","data_base64":"A"}"#, "Base64"),
    ])
    func cloudEventRefusals(body: String, message: String) throws {
        let error = try #require(refusal(.cloudEvents, body))
        #expect(error.message.contains(message), "\(error.message)")
        #expect(error.message.contains("'CloudEventV10' schema"))
    }

    @Test func structuredModeTakesNoArray() throws {
        let error = try #require(refusal(.cloudEvents, "[]", "application/cloudevents+json"))
        #expect(error.message.contains("Token Expected: StartObject, Actual Token Received: StartArray."))
    }

    @Test func customSchemaIsMapped() throws {
        let mapping = try InputSchemaMapping(
            try JSONDocument(
                parsing: """
                    {"inputSchemaMappingType":"Json","properties":{"id":{"sourceField":null},
                     "eventType":{"sourceField":"kind","defaultValue":"Default"},"subject":{"sourceField":"resource"},
                     "dataVersion":{"sourceField":null,"defaultValue":"1.0"}}}
                    """
            ).root)
        let body = #"{"kind":"Created","resource":"users/1","more":{"x":1}}"#
        let events = try read(.custom, #"[\#(body),{"resource":5}]"#, mapping: mapping)
        #expect(events.map(\.type) == ["Created", "Default"])
        #expect(events.map(\.subject) == ["users/1", "5"])
        #expect(events[0].dataVersion == "1.0")
        #expect(events[0].time == Self.now.text)
        #expect(events[0].id.utf8.count == 36 && events[0].id != events[1].id)
        let custom = EventWriter(.custom).body(of: [events[0]], isBatch: false)
        #expect(String(decoding: custom, as: UTF8.self) == "[\(body)]")
        #expect(throws: EventError.self) { try read(.custom, #"[{"kind":"Created"}]"#, mapping: mapping) }
        #expect(try InputSchemaMapping(JSONDocument(parsing: mapping.value.text).root) == mapping)
    }

    /// What was taken must be readable for as long as it is kept.
    @Test func whatIsTakenIsReadBack() throws {
        let local = #"[{"id":"1","subject":"","eventType":"t","eventTime":"2026-01-01T00:00:00.5"}]"#
        let event = try #require(try read(.eventGrid, local).first)
        #expect(event.time == "2026-01-01T00:00:00.5Z")
        #expect(try Event(json: event.json).time == event.time)
        let mapping = InputSchemaMapping(id: .init("a"), topic: .init("a"), eventTime: .init("a"))
        let body = #"[{"a":"","eventType":"t","subject":"s"}]"#
        let custom = try #require(try read(.custom, body, mapping: mapping).first)
        #expect(try Event(json: custom.json) == custom)
        #expect(throws: EventError.self) { try read(.custom, #"[{"eventType":"","subject":"s"}]"#) }
    }

    /// An event of the greatest length is longer in the form in which it is kept, and must be read back all the same.
    @Test func theLongestEventsAreReadBack() throws {
        let bytes = [UInt8](repeating: 0xFF, count: EventLimits.eventBytesMax)
        let headers = [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "s"), ("ce-type", "t")]
        let binary = try #require(
            try EventReader(schema: .cloudEvents, topic: "")
                .events(in: bytes, contentType: "image/png", headers: headers, now: Self.now).first)
        #expect(try Event(json: binary.json) == binary)
        #expect(try Event(JSONDocument(parsing: binary.json).root) == binary)
        let head = #"{"id":"1","subject":"s","eventType":"t","eventTime":"2026-01-01T00:00:00Z","data":""#
        let filler = String(repeating: "x", count: EventLimits.eventBytesMax - head.utf8.count - 2)
        let event = try #require(try read(.eventGrid, "[\(head)\(filler)\"}]").first)
        #expect(event.json.count > EventLimits.eventBytesMax)
        #expect(try Event(json: event.json) == event)
    }

    @Test func deliverySchemas() {
        #expect(EventSchema(name: "CustomInputSchema") == .custom)
        #expect(EventSchema.eventGrid.canDeliver(as: .cloudEvents))
        #expect(!EventSchema.cloudEvents.canDeliver(as: .eventGrid))
        #expect(!EventSchema.eventGrid.canDeliver(as: .custom))
        #expect(EventWriter(.cloudEvents).contentType(isBatch: true).hasPrefix("application/cloudevents-batch+json"))
    }

    @Test func errorBody() {
        let error = EventError(.notFound, "No such topic.")
        #expect(
            String(decoding: error.body, as: UTF8.self)
                == #"{"error":{"code":"NotFound","message":"No such topic.","#
                + #""details":[{"code":"NotFound","message":"No such topic."}]}}"#)
    }
}
