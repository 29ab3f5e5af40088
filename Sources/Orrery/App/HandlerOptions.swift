internal import OrreryTriggers

/// How changes are handed to a handler.
///
/// ```swift
/// var handling = HandlerOptions()
/// handling.predicate = "from c where c.status = 'open'"
/// handling.attemptsMax = 3
/// ```
public struct HandlerOptions: Sendable {
    /// Whether a handler that never ran before begins with the first change that the store has, or with the next one.
    ///
    /// ```swift
    /// handling.fromBeginning = false
    /// ```
    public var fromBeginning = true
    /// A predicate that must be true of an item, as it is or, where it is gone, as it was; nil for all. A change of an
    /// item of which that cannot be said within a second of processor time is handed over.
    ///
    /// ```swift
    /// handling.predicate = "from c where c.total > 100"
    /// ```
    public var predicate: String?
    /// Whether deletions are handed over, and ends of items whose time to live is over.
    ///
    /// ```swift
    /// handling.includesDeletes = false
    /// ```
    public var includesDeletes = true
    /// Whether the handler is given the changes that it makes itself.
    ///
    /// ```swift
    /// handling.seesOwnChanges = true
    /// ```
    public var seesOwnChanges = false
    /// The most changes of one call.
    ///
    /// ```swift
    /// handling.batchCountMax = 1
    /// ```
    public var batchCountMax = 100
    /// The most partition keys of one partition that are handled at the same time.
    ///
    /// ```swift
    /// handling.concurrentKeysMax = 1
    /// ```
    public var concurrentKeysMax = 64
    /// How often a change is delivered by itself before it goes to the dead letters.
    ///
    /// ```swift
    /// handling.attemptsMax = 10
    /// ```
    public var attemptsMax = 5
    /// After so long a call is cancelled, and its changes are delivered again.
    ///
    /// ```swift
    /// handling.timeLimitMilliseconds = 5000
    /// ```
    public var timeLimitMilliseconds = 30_000

    /// The options of a handler where nothing else is said.
    ///
    /// ```swift
    /// let handling = HandlerOptions()
    /// ```
    public init() {}

    var options: TriggerOptions {
        var options = TriggerOptions()
        options.start = fromBeginning ? .beginning : .now
        options.predicate = predicate
        options.kinds = includesDeletes ? [.create, .replace, .delete, .expire] : [.create, .replace]
        options.seesOwnChanges = seesOwnChanges
        options.batchCountMax = batchCountMax
        options.concurrentKeysMax = concurrentKeysMax
        options.attemptsMax = attemptsMax
        options.timeLimitMilliseconds = timeLimitMilliseconds
        return options
    }
}
