internal import OrreryDatabase

/// What can go wrong, grouped by what a program can do about it.
///
/// ```swift
/// do {
///     try await orders.create(order)
/// } catch .conflict {
///     print("there is such an order")
/// }
/// ```
public enum StoreError: Error, Sendable, Equatable {
    // Correct the call.

    /// A rule is broken; the message says which.
    case invalid(String)
    /// The query is refused; the message says where and why.
    case badQuery(String)
    /// A value could not be encoded as an item, or an item not decoded as the type asked for; the message says where.
    case coding(String)

    // Look at what is there, and decide again.

    /// There is no such database, container or item.
    case notFound
    /// There is an item of this id, or with the same unique key.
    case conflict(String)
    /// The item is not the one that the call made a condition.
    case preconditionFailed
    /// The changes asked for are not kept any more.
    case gone

    // Wait, and try again.

    /// The store cannot serve at the moment; the message says why.
    case unavailable(String)

    init(_ error: DatabaseError) {
        switch error {
        case .invalid(let message), .tooLarge(let message), .forbidden(let message), .unsupported(let message):
            self = .invalid(message)
        case .badQuery(let error): self = .badQuery("\(error)")
        case .partitionKeyMismatch: self = .invalid("The partition key does not fit the container or the item.")
        case .notFound, .containerRecreated: self = .notFound
        case .conflict(let message): self = .conflict(message)
        case .partitionKeyFull: self = .invalid("The partition key has as many bytes as one may have.")
        case .preconditionFailed, .checkpointMoved: self = .preconditionFailed
        case .rangeGone, .historyGone: self = .gone
        case .sessionNotAvailable: self = .unavailable("The partition has not come so far.")
        case .throttled: self = .unavailable("Too much is being asked for at once.")
        case .unavailable(let message): self = .unavailable(message)
        }
    }

    static func translating<Result>(_ body: () throws(DatabaseError) -> Result) throws(StoreError) -> Result {
        do throws(DatabaseError) {
            return try body()
        } catch {
            throw StoreError(error)
        }
    }
}
