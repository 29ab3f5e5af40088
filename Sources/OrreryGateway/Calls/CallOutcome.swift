/// How a call ended, for those who count or let go of something then.
struct CallOutcome: Sendable, Equatable {
    let status: Int
    /// Of the answer's body, as far as it was sent.
    let bodyBytes: Int
}

/// Is told how a call ended, once, from any thread.
typealias CallEnding = @Sendable (CallOutcome) -> Void
