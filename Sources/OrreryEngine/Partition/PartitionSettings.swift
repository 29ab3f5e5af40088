/// What a container's definition says to its partitions. Changed while they are open by
/// ``Store/changeSelection(of:to:)`` and ``Partition/changeTimeToLive(to:)``.
public struct PartitionSettings: Sendable {
    /// What is indexed of the items.
    public var selection: IndexSelection
    /// When the items end by themselves.
    public var timeToLive: TimeToLivePolicy

    /// How long a version stays in the log after another took its place; nil for as long as the store's configuration
    /// says.
    public var retentionMilliseconds: Int64?

    /// Whether a partition key is held to the most that one may have.
    public var limitsPartitionKeys: Bool

    public init(
        selection: IndexSelection = .none, timeToLive: TimeToLivePolicy = .off, retentionMilliseconds: Int64? = nil,
        limitsPartitionKeys: Bool = true
    ) {
        self.limitsPartitionKeys = limitsPartitionKeys
        self.selection = selection
        self.timeToLive = timeToLive
        self.retentionMilliseconds = retentionMilliseconds
    }
}
