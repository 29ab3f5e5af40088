/// What a JSON text may not exceed; checked while it is scanned.
public struct JSONLimits: Sendable, Equatable {
    /// How deep arrays and objects may stand in one another; 1 allows `[1]` and no more.
    public var depthMax: Int

    /// The longest text that a tape can describe: offsets and lengths are 28 bits wide. Requests are limited to much
    /// less before they come here.
    public static let textBytesMax = 1 << 28 - 1

    /// Limits with a given nesting.
    public init(depthMax: Int) {
        self.depthMax = depthMax
    }

    /// An item: 128 levels (the service's documented limit on nesting).
    public static let item = JSONLimits(depthMax: 128)

    /// A request body that may carry items inside an envelope, such as a batch: a few levels more than an item.
    public static let request = JSONLimits(depthMax: 136)
}
