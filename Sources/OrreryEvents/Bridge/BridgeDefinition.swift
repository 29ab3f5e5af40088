public import OrreryDocuments
import OrreryQuery

/// What turns the changes of a container into events of a topic.
public struct BridgeDefinition: Sendable {
    /// Names it among all bridges.
    public let name: String
    /// The container, as `database/container`.
    public let container: String
    public let topic: String
    /// What event types begin with; `.Created`, `.Replaced`, `.Deleted` or `.Expired` follows.
    public var typePrefix = "Orrery.Item"
    /// Which changes become events; nil for all: a condition on the item as it is or, where it is gone, as it was.
    public var condition: String?
    /// The query over an item whose first row becomes the event's data; nil for the whole item.
    public let projectionText: String?
    let projection: PreparedQuery?
    /// When it was made: it begins with the first change after that. Milliseconds since 1970; 0 before it is made.
    var startMilliseconds: Int64 = 0

    /// A bridge from a container to a topic.
    /// - Parameters:
    ///   - container: `database/container`; it may be made later.
    ///   - projection: `SELECT c.id, c.total FROM c`; nil for the whole item.
    ///   - name: nil for one that is made of container and topic.
    /// - Throws: `badRequest` for a path or a name that is none, and for a query that is refused.
    public init(
        from container: String, to topic: String, projection: String? = nil, named name: String? = nil
    ) throws(EventError) {
        let parts = container.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw EventError(.badRequest, "A bridge's container must be database/container.")
        }
        if let name { try TopicDefinition.validate(name, of: "bridge") }
        self.container = container
        self.topic = topic
        self.name = name ?? Self.handlerName(container, topic)
        projectionText = projection
        guard let projection else {
            self.projection = nil
            return
        }
        do throws(QueryError) {
            self.projection = try Query(Array(projection.utf8)).prepared()
        } catch {
            throw EventError(.badRequest, "The projection of the bridge from \(container): \(error.message)")
        }
    }

    /// Reads `{"name","container","topic","typePrefix","where","projection"}`.
    /// - Parameter name: in place of the one that is written.
    public init(_ entry: JSONValue, named name: String? = nil) throws(EventError) {
        guard let container = entry["container"]?.string, let topic = entry["topic"]?.string else {
            throw EventError(.badRequest, "A bridge needs a container and a topic.")
        }
        try self.init(
            from: container, to: topic, projection: entry["projection"]?.string, named: name ?? entry["name"]?.string)
        if let prefix = entry["typePrefix"]?.string { typePrefix = prefix }
        condition = entry["where"]?.string
    }

    /// The name of the handler that carries the changes over, and under which it keeps how far it is: the same for the
    /// same container and topic.
    var handlerName: String { Self.handlerName(container, topic) }

    private static func handlerName(_ container: String, _ topic: String) -> String {
        let name = "bridge-\(container)-\(topic)".utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            default: UInt8(ascii: "-")
            }
        }
        // What is cut off or made the same is told apart by the whole name's hash (FNV-1a).
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(container)\n\(topic)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return String(decoding: name.prefix(80), as: UTF8.self) + "-" + String(hash, radix: 16)
    }
}

extension BridgeDefinition {
    /// The bridge as it was written.
    var value: JSONValue {
        var value: JSONValue = [
            "name": .string(name), "container": .string(container), "topic": .string(topic),
            "typePrefix": .string(typePrefix),
        ]
        if let condition { value["where"] = .string(condition) }
        if let projectionText { value["projection"] = .string(projectionText) }
        return value
    }

    /// The bridge as it is kept. Names have no colon, so that its id is no other source's.
    var json: JSONValue {
        var json = value
        json["id"] = .string(sourceID)
        json["kind"] = "bridge"
        json["startMilliseconds"] = .number(JSONNumber(startMilliseconds))
        return json
    }

    var sourceID: String { "bridge:\(name)" }

    /// Reads a bridge back.
    init(kept json: JSONValue) throws(EventError) {
        var entry = json
        // A name that was made of container and topic may be longer than others, and is made again.
        if entry["name"]?.string.map({ (try? TopicDefinition.validate($0, of: "bridge")) == nil }) == true {
            entry["name"] = nil
        }
        try self.init(entry)
        startMilliseconds = json["startMilliseconds"]?.int64 ?? 0
    }
}
