public import OrreryEngine
public import OrreryKeys
internal import OrreryQuery

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
    /// The container's path by names, as headers write it: `dbs/{database}/colls/{container}`.
    public let path: [UInt8]
    let systemProperties: SystemProperties
    let indexing: IndexExtractor
    /// Of the queries over this definition.
    let queryCache = QueryCache()
    /// In the order of ``ranges``.
    private let partitions: [PartitionReference]
    private let store: Store
    /// Threads that help with long scans; nil where there are none.
    let scanHelpers: WorkerPool?
    /// Milliseconds since 1970, as the engine tells them.
    let clock: @Sendable () -> Int64

    init(
        resourceID: ResourceID, id: String, databaseID: String, definition: ContainerDefinition,
        ranges: [PartitionKeyRange], store: Store, scanHelpers: WorkerPool?,
        settings: @escaping @Sendable () -> PartitionSettings
    ) {
        self.resourceID = resourceID
        self.id = id
        self.databaseID = databaseID
        self.definition = definition
        self.ranges = ranges
        resourceIDText = resourceID.textBytes
        path = Array("dbs/\(databaseID)/colls/\(id)".utf8)
        systemProperties = SystemProperties(container: resourceID)
        indexing = store.indexing(definition.selection)
        clock = store.clock
        self.scanHelpers = scanHelpers
        self.store = store
        partitions = ranges.map {
            PartitionReference(
                store: store, container: resourceID, rangeNumber: $0.number, settings: settings)
        }
    }

    /// Whether the account still has it.
    var isListed: Bool { store.catalog.record(.container, resourceID) != nil }

    /// The partition that keeps a range's items.
    func partition(of range: PartitionKeyRange) throws(DatabaseError) -> Partition {
        try partition(ofRange: range.number)
    }

    /// The partition that keeps the items of a range of that number.
    func partition(ofRange number: UInt64) throws(DatabaseError) -> Partition {
        for index in ranges.indices where ranges[index].number == number { return try partitions[index].partition() }
        throw .rangeGone
    }

    /// The range that holds an effective partition key.
    public func range(holding key: EffectivePartitionKey) -> PartitionKeyRange? {
        rangeIndex(holding: key).map { ranges[$0] }
    }

    /// The number of the range that holds an effective partition key.
    func rangeNumber(holding key: EffectivePartitionKey) -> UInt64? {
        rangeIndex(holding: key).map { ranges[$0].number }
    }

    /// By places: a copy of a range would count references that all threads share.
    private func rangeIndex(holding key: EffectivePartitionKey) -> Int? {
        // Ranges tile the keys, so the last one that begins at or before the key holds it.
        ranges.indices.last { ranges[$0].keys.min <= key }
    }

    /// What a range's partition holds now.
    public func statistics(of range: PartitionKeyRange) throws(DatabaseError) -> PartitionStatistics {
        try partition(of: range).statistics
    }

    /// The timeline of a range's partition; see ``Timeline``.
    public func timeline(ofRange number: UInt64) throws(DatabaseError) -> Timeline {
        try partition(ofRange: number).timeline
    }
}
