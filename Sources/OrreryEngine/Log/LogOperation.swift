/// What a version in the log says of its item. The raw values are written to disk.
public enum LogOperation: UInt8, Sendable {
    /// The item was not there before.
    case create = 1
    /// The item had a version before.
    case replace = 2
    /// The item is no longer there.
    case delete = 3
    /// The item's time to live ended.
    case expire = 4
    /// The version is of an item that another partition has since a split.
    case elsewhere = 5
    /// The version is of no item: it holds what a group did to checkpoints.
    case checkpoint = 6

    /// Whether the version is no part of this partition's history of items.
    var isOfNoItem: Bool { self == .elsewhere || self == .checkpoint }

    /// Whether there is no item after this version.
    var isTombstone: Bool { self == .delete || self == .expire || isOfNoItem }
}
