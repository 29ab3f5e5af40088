internal import OrreryEngine

/// Checkpoints: what readers of a range's changes keep beside its items; see `CheckpointChange`.
extension Container {
    /// The checkpoint of a key in a range.
    public func checkpoint(_ key: [UInt8], of range: PartitionKeyRange) throws(DatabaseError) -> [UInt8]? {
        try partition(of: range).checkpoint(key)
    }

    /// All checkpoints of a range whose keys begin with a prefix, in the order of their keys.
    public func checkpoints(
        withPrefix prefix: [UInt8], of range: PartitionKeyRange
    ) throws(DatabaseError) -> [(key: [UInt8], value: [UInt8])] {
        try partition(of: range).checkpoints(withPrefix: prefix)
    }
}
