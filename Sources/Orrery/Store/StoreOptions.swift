/// How a store works.
///
/// ```swift
/// var options = StoreOptions()
/// options.relaxedMilliseconds = 10
/// let store = try Store(directory: "data", options: options)
/// ```
public struct StoreOptions: Sendable {
    /// Nil acknowledges a write when it is on the disk. A number acknowledges it from memory, and a crash loses at most
    /// what these last milliseconds acknowledged.
    ///
    /// ```swift
    /// options.relaxedMilliseconds = 10
    /// ```
    public var relaxedMilliseconds: Int?

    /// Log bytes that a partition keeps for handlers that are behind, past the container's retention. A handler that is
    /// further behind stands still and says so.
    ///
    /// ```swift
    /// options.heldHistoryBytesMax = 50 << 30
    /// ```
    public var heldHistoryBytesMax = 10 << 30

    /// The options that a store has where it is not told otherwise.
    ///
    /// ```swift
    /// let options = StoreOptions()
    /// ```
    public init() {}
}
