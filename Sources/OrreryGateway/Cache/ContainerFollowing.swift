/// Tells what has changed in containers, for answers that are kept no longer than they are true.
public protocol ContainerFollowing: Sendable {
    /// What has changed since a place that the container told before; everything may have where there is none.
    /// - Returns: how far the container is now, with every write that was answered by now, and what changed on the way;
    ///   nil where that cannot be told, and then nothing is to be kept of it.
    func changes(
        of database: String, _ container: String, since place: ContainerPlace?
    ) -> (place: ContainerPlace, changes: ContainerChanges)?

    /// A partition key in bytes, as ``ContainerChanges/keys(_:)`` has it; nil for one that is not whole.
    func name(ofKey values: [String], in database: String, _ container: String) -> [UInt8]?
}

/// How far a container is: for each of its ranges, by its number, the LSN that it has reached.
public struct ContainerPlace: Sendable, Equatable {
    /// The container's resource id: one that was made anew is another.
    public let resourceID: [UInt8]
    public let lsns: [UInt64: UInt64]

    public init(resourceID: [UInt8], lsns: [UInt64: UInt64]) {
        (self.resourceID, self.lsns) = (resourceID, lsns)
    }

    /// Whether all that another place has is behind this one too.
    func covers(_ other: ContainerPlace) -> Bool {
        resourceID == other.resourceID && lsns.count == other.lsns.count
            && other.lsns.allSatisfy { number, lsn in lsns[number].map { $0 >= lsn } ?? false }
    }
}

public enum ContainerChanges: Sendable, Equatable {
    /// Items of these partition keys; none where nothing has changed.
    case keys([[UInt8]])
    /// Anything may have.
    case unknown
}
