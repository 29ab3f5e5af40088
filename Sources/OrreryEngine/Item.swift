/// One version of an item, copied out of the store.
public struct Item: Sendable {
    /// The version's number in its partition: rises with every write of any item, never used twice.
    public let version: UInt64
    /// The partition's log sequence number at which the version was written. A batch's writes share one.
    public let lsn: UInt64
    public let etag: ItemEtag
    /// `_ts`, with the milliseconds that the change feed shows.
    public let timestampMilliseconds: Int64
    /// The number within the container that the item's `_rid` carries.
    public let documentNumber: UInt64
    /// The id in UTF-8.
    public let id: [UInt8]
    /// The JSON text with the system properties, as it was stored. Empty for a delete.
    public let text: [UInt8]
    /// Who made the write, as ``ItemWrite/origin`` said.
    public let origin: UInt64
    /// The trace that the write was part of.
    public let trace: TraceMark

    /// `_ts`: whole seconds since 1970.
    public var timestampSeconds: Int64 { timestampMilliseconds / 1000 }
}
