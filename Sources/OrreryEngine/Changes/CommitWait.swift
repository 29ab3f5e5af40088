/// Why a waiter was woken.
public enum CommitWake: Sendable, Equatable {
    /// The partition has durable commits past the LSN that was waited beyond.
    case committed
    /// The partition takes no more commits: it was split, removed or closed. Whoever wants what follows asks the
    /// container anew where that is.
    case gone
}

/// One wait for a partition's next commit. Letting go of it ends the wait, so that a reader that vanished leaves
/// nothing behind.
public final class CommitWait: Sendable {
    private let signal: CommitSignal
    /// Nil when the waiter was woken before the wait began.
    private let id: UInt64?

    init(_ signal: CommitSignal, id: UInt64?) {
        self.signal = signal
        self.id = id
    }

    deinit {
        cancel()
    }

    /// Ends the wait. A call that is under way on another thread may still come.
    public func cancel() {
        if let id { signal.remove(id) }
    }
}
