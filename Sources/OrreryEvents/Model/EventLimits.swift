import OrreryDocuments

/// The service's limits on what is published.
public enum EventLimits {
    /// The longest body of a request: 1.5 MB, by the service's own message.
    public static let requestBytesMax = 1_536_000
    /// The longest event: 1 MiB.
    public static let eventBytesMax = 1_048_576
    /// The longest event as its topic keeps it: so much less than an item may have that it fits among the dead letters,
    /// where its reason stands beside it.
    static let keptBytesMax = (2 << 20) - (16 << 10)
    /// The longest name of a topic, subscription or namespace.
    public static let nameLengthMax = 64
    /// How deep an event's JSON may be nested: less than an item's, for events are kept as a part of items.
    static let json = JSONLimits(depthMax: 100)
}
