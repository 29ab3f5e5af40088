// OrreryTriggers: handlers that run when items change, or when a time comes. It reads change feeds, keeps how far each
// handler is in the log that it reads, and hands changes over: at least once, in order within a partition key, in
// parallel across keys. `TriggerHost` is where to start. It knows nothing of HTTP.

/// What handles changes: called with the changes of one partition key, in their order. What it throws has them
/// delivered again.
public typealias TriggerHandler = @Sendable (_ changes: [TriggerChange], _ context: TriggerContext) async throws -> Void

/// A handler and the container whose changes it handles.
public struct Trigger: Sendable {
    /// What it is called: under this name its progress is kept.
    public let name: String
    public let databaseName: String
    public let containerName: String
    public let options: TriggerOptions
    let handler: TriggerHandler

    /// The most bytes of a name.
    public static let nameBytesMax = 100

    /// - Returns: nil where the name is none: one to ``nameBytesMax`` small letters, digits and hyphens.
    public init?(
        _ name: String, database: String, container: String, options: TriggerOptions = TriggerOptions(),
        handler: @escaping TriggerHandler
    ) {
        guard Self.isName(name) else { return nil }
        self.name = name
        databaseName = database
        containerName = container
        self.options = options
        self.handler = handler
    }

    /// - Throws: ``TriggerError/badPredicate(_:)`` where the predicate cannot be read.
    public func validate() throws(TriggerError) {
        _ = try ChangeFilter(self)
    }

    static func isName(_ name: String) -> Bool {
        (1...nameBytesMax).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// What the handler's own writes are marked with.
    var origin: UInt64 { Self.origin(of: name) }

    /// What the writes of a handler of this name are marked with (FNV-1a of the name, never 0).
    static func origin(of name: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash == 0 ? 1 : hash
    }
}
