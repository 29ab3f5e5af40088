public import OrreryDatabase

/// Why a call about handlers failed.
public enum TriggerError: Error, Sendable, Equatable {
    /// There is no handler of this name.
    case unknown(String)
    /// The handler runs, and so cannot be forgotten.
    case running(String)
    /// Two handlers have this name.
    case nameTaken(String)
    /// The predicate cannot be read; the message says why.
    case badPredicate(String)
    /// The database refused.
    case database(DatabaseError)
}
