public import OrreryKeys

/// One container, as far as work on its items needs it: its definition and its partition-key ranges.
public final class Container: Sendable {
    public let resourceID: ResourceID
    /// The container's name.
    public let id: String
    /// The name of its database.
    public let databaseID: String
    public let definition: ContainerDefinition
    /// The ranges in the order of their keys; together they hold every key once.
    public let ranges: [PartitionKeyRange]
    /// The resource id as links and headers write it.
    public let resourceIDText: [UInt8]

    init(
        resourceID: ResourceID, id: String, databaseID: String, definition: ContainerDefinition,
        ranges: [PartitionKeyRange]
    ) {
        self.resourceID = resourceID
        self.id = id
        self.databaseID = databaseID
        self.definition = definition
        self.ranges = ranges
        resourceIDText = resourceID.textBytes
    }

    /// The range that holds an effective partition key.
    public func range(holding key: EffectivePartitionKey) -> PartitionKeyRange? {
        // Ranges tile the keys, so the last one that begins at or before the key holds it.
        ranges.last { $0.keys.min <= key }
    }
}
