public import OrreryQuery

/// What can go wrong, grouped by what the caller can do about it.
///
/// Messages are the service's own wherever it has one, for programs were written against them. No message holds a
/// document's content or a key.
public enum DatabaseError: Error, Sendable, Equatable {
    // Correct the request.

    /// The request breaks a rule; the message says which.
    case invalid(String)
    /// The query is refused; the error says where and why.
    case badQuery(QueryError)
    /// The partition key given does not fit the container's definition or the document's own values.
    case partitionKeyMismatch
    /// The document or request is larger than the limit.
    case tooLarge(String)

    // Look at what is there, and decide again.

    /// The resource does not exist.
    case notFound
    /// A resource of this id, or an item with the same unique key, exists already.
    case conflict(String)
    /// The items of the partition key have as many bytes together as one may have.
    case partitionKeyFull
    /// The resource is not in the state that the request made a condition.
    case preconditionFailed
    /// The checkpoint that the commit was made under is another by now: its lease has moved on.
    case checkpointMoved
    /// The container was deleted and created again since the caller read it.
    case containerRecreated
    /// The range was split, or went with its container; the caller should read the partition-key ranges again.
    case rangeGone
    /// The history from there on is not whole any more: the retention is over for some of it.
    case historyGone

    // Wait, and send the same again.

    /// The partition has not reached the LSN of the caller's session token.
    case sessionNotAvailable
    /// The budget of request units is used up.
    case throttled(retryAfterMilliseconds: Int)
    /// The store cannot serve at the moment (it is closing, full or damaged); the message says why.
    case unavailable(String)

    // Ask for it in another way.

    /// The caller may not do this.
    case forbidden(String)
    /// The feature is not built.
    case unsupported(String)
}

extension DatabaseError {
    /// The service's message for a body that is well-formed JSON but not what the operation takes.
    public static let invalidInput = DatabaseError.invalid("One of the specified inputs is invalid")
}
