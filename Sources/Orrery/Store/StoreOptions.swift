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

    /// The options that a store has where it is not told otherwise.
    ///
    /// ```swift
    /// let options = StoreOptions()
    /// ```
    public init() {}
}
