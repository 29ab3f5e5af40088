import OrreryDocuments
import OrreryQuery

/// What turns the changes of a container into events of a topic.
public struct BridgeDefinition: Sendable {
    /// The container, as `database/container`.
    public let container: String
    public let topic: String
    /// What event types begin with; `.Created`, `.Replaced`, `.Deleted` or `.Expired` follows.
    public var typePrefix = "Orrery.Item"
    /// Which changes become events; nil for all: a condition on the item as it is or, where it is gone, as it was.
    public var condition: String?
    /// What of an item becomes the event's data; nil for all of it. Its first row is taken.
    let projection: PreparedQuery?

    /// A bridge from a container to a topic.
    /// - Parameter projection: `SELECT c.id, c.total FROM c`; nil for the whole item.
    /// - Throws: `badRequest` for a path that is none, and for a query that is refused.
    public init(from container: String, to topic: String, projection: String? = nil) throws(EventError) {
        let parts = container.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw EventError(.badRequest, "A bridge's container must be database/container.")
        }
        self.container = container
        self.topic = topic
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

    /// Reads `{"container","topic","typePrefix","where","projection"}`.
    init(_ entry: JSONValue) throws(EventError) {
        guard let container = entry["container"]?.string, let topic = entry["topic"]?.string else {
            throw EventError(.badRequest, "A bridge needs a container and a topic.")
        }
        try self.init(from: container, to: topic, projection: entry["projection"]?.string)
        if let prefix = entry["typePrefix"]?.string { typePrefix = prefix }
        condition = entry["where"]?.string
    }

    /// The name of the handler that carries the changes over, and under which it keeps how far it is: the same for the
    /// same container and topic.
    var handlerName: String {
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
