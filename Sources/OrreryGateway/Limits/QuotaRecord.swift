/// How much of a quota is given out, as it is kept.
public struct QuotaRecord: Sendable, Equatable {
    /// The policy and the caller.
    public let name: String
    /// The second since 1970 at which the quota's time began.
    public let startSeconds: Int64
    /// Calls or bytes that may have been used: those that were, and those of a block that was set aside.
    public let reserved: Int

    public init(name: String, startSeconds: Int64, reserved: Int) {
        self.name = name
        self.startSeconds = startSeconds
        self.reserved = reserved
    }
}

/// Keeps how much of each quota is given out.
public protocol QuotaKeeping: Sendable {
    /// The record of a name; nil where there is none.
    func record(named name: String) -> QuotaRecord?

    /// Keeps a record in place of the one of its name. `then` is told whether it is durable, from any thread, once.
    func keep(_ record: QuotaRecord, then: @escaping @Sendable (Bool) -> Void)
}
