/// What a container's definition says to its partitions. Changed while they are open by
/// ``Store/changeSelection(of:to:)`` and ``Partition/changeTimeToLive(to:)``.
public struct PartitionSettings: Sendable {
    /// What is indexed of the items.
    public var selection: IndexSelection
    /// When the items end by themselves.
    public var timeToLive: TimeToLivePolicy

    public init(selection: IndexSelection = .none, timeToLive: TimeToLivePolicy = .off) {
        self.selection = selection
        self.timeToLive = timeToLive
    }
}
