/// Where an item stands: its partition key and its id. Two items of a container never share one.
///
/// The effective partition key decides order and placement, but hashes can collide, so the partition key itself is
/// kept and compared as well. The three parts stand end to end in one buffer, in the order in which the log keeps
/// them, so that a comparison with a log record is one comparison of bytes.
public struct ItemKey: Sendable, Equatable {
    let bytes: [UInt8]
    let effectiveKeyCount: Int
    let partitionKeyCount: Int

    /// - Parameters:
    ///   - effectiveKey: the raw bytes of the effective partition key, at most 65,535.
    ///   - partitionKey: the canonical bytes of the partition key, at most 65,535.
    ///   - id: the item's id in UTF-8.
    @specialized(where EffectiveKey == [UInt8], PartitionKey == [UInt8], ID == [UInt8])
    public init<EffectiveKey: Collection<UInt8>, PartitionKey: Collection<UInt8>, ID: Collection<UInt8>>(
        effectiveKey: EffectiveKey, partitionKey: PartitionKey, id: ID
    ) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(effectiveKey.count + partitionKey.count + id.count)
        bytes.append(contentsOf: effectiveKey)
        bytes.append(contentsOf: partitionKey)
        bytes.append(contentsOf: id)
        self.bytes = bytes
        effectiveKeyCount = effectiveKey.count
        partitionKeyCount = partitionKey.count
    }

    var idCount: Int { bytes.count - effectiveKeyCount - partitionKeyCount }

    /// The raw bytes of the effective partition key.
    public var effectiveKey: ArraySlice<UInt8> { bytes[..<effectiveKeyCount] }

    /// The canonical bytes of the partition key.
    public var partitionKey: ArraySlice<UInt8> {
        bytes[effectiveKeyCount..<(effectiveKeyCount + partitionKeyCount)]
    }

    /// The id in UTF-8.
    public var id: ArraySlice<UInt8> { bytes[(effectiveKeyCount + partitionKeyCount)...] }
}
