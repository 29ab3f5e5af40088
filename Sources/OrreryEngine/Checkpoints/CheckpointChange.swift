/// One small record of a partition that is no item: how far a reader of its changes is, who may say so. Checkpoints
/// stand in the partition's log, outside the sequence of its LSNs, and take effect together with the writes of the
/// commit that they came in.
public struct CheckpointWrite: Sendable, Equatable {
    public let key: [UInt8]
    /// Nil removes the record.
    public let value: [UInt8]?

    /// The longest key and the longest value, in bytes.
    public static let keyBytesMax = 200
    public static let valueBytesMax = 64 << 10

    /// Nil where the key is empty, or one of both is too long.
    public init?(key: [UInt8], value: [UInt8]?) {
        guard (1...Self.keyBytesMax).contains(key.count), value?.count ?? 0 <= Self.valueBytesMax else { return nil }
        self.key = key
        self.value = value
    }
}

/// What a commit does to checkpoints, and what must hold of them.
public struct CheckpointChange: Sendable {
    /// A record that must be as it is said here when the commit's turn comes: the lease that the commit is made under.
    /// Where it is not, the commit is refused as a whole.
    public struct Condition: Sendable {
        public let key: [UInt8]
        /// Nil where there must be none.
        public let value: [UInt8]?

        public init(key: [UInt8], value: [UInt8]?) {
            self.key = key
            self.value = value
        }
    }

    public let condition: Condition?
    public let writes: [CheckpointWrite]

    public init(condition: Condition? = nil, writes: [CheckpointWrite]) {
        self.condition = condition
        self.writes = writes
    }
}
