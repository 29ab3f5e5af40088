internal import OrreryEngine

/// One change of an item.
///
/// ```swift
/// for try await change in orders.changes(since: .now, of: Order.self) {
///     print(change.kind, change.id, change.value?.total ?? 0)
/// }
/// ```
public struct Change<Value: Sendable>: Sendable {
    /// What happened to the item.
    ///
    /// ```swift
    /// if change.kind == .delete { print("gone: \(change.id)") }
    /// ```
    public enum Kind: String, Sendable {
        /// It was not there before.
        case create
        /// It has another version.
        case replace
        /// It is gone.
        case delete
        /// Its time to live is over.
        case expire
    }

    /// What happened. A feed of latest versions tells creations and replacements apart by nothing: all are `replace`.
    ///
    /// ```swift
    /// print(change.kind)
    /// ```
    public let kind: Kind
    /// The item's id.
    ///
    /// ```swift
    /// print(change.id)
    /// ```
    public let id: String
    /// The item as it is now; nil where it is gone.
    ///
    /// ```swift
    /// print(change.value?.total ?? 0)
    /// ```
    public let value: Value?
    /// The item as it was before; nil for a creation, where the store no longer has it, and in a feed of latest
    /// versions.
    ///
    /// ```swift
    /// print(change.previous?.total ?? 0)
    /// ```
    public let previous: Value?
    /// The place of the change in its partition's log.
    ///
    /// ```swift
    /// print(change.lsn)
    /// ```
    public let lsn: UInt64
    /// When it was made, in seconds since 1970.
    ///
    /// ```swift
    /// print(change.timestampSeconds)
    /// ```
    public let timestampSeconds: Int64
    /// Where a feed goes on after this change.
    ///
    /// ```swift
    /// let later = orders.changes(since: .after(change.token), of: Order.self)
    /// ```
    public let token: ChangeToken
}

/// A place in the changes of a container, to be kept and gone on from.
///
/// ```swift
/// let text = change.token.text
/// let token = ChangeToken(text)
/// ```
public struct ChangeToken: Sendable, Equatable {
    /// How far each range is, by its number.
    var places: [UInt64: UInt64]

    init(_ places: [UInt64: UInt64]) {
        self.places = places
    }

    /// The token as text.
    ///
    /// ```swift
    /// print(change.token.text)
    /// ```
    public var text: String {
        places.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
    }

    /// Reads a token; nil for what is none.
    ///
    /// ```swift
    /// let token = ChangeToken("0:12")
    /// ```
    public init?(_ text: String) {
        places = [:]
        for part in text.split(separator: ",") {
            let numbers = part.split(separator: ":", omittingEmptySubsequences: false)
            guard numbers.count == 2, let range = UInt64(numbers[0]), let lsn = UInt64(numbers[1]) else { return nil }
            places[range] = lsn
        }
    }
}

/// Where a feed of changes begins.
///
/// ```swift
/// let changes = orders.changes(since: .beginning, of: Order.self)
/// ```
public enum ChangeStart: Sendable, Equatable {
    /// With the first change that the store has.
    case beginning
    /// With the next change.
    case now
    /// With the first change at or after a time, in milliseconds since 1970.
    case time(Int64)
    /// Behind a change that was seen.
    case after(ChangeToken)
}

/// Which changes a feed gives.
///
/// ```swift
/// let changes = orders.changes(since: .now, mode: .allVersions, of: Order.self)
/// ```
public enum ChangeMode: Sendable, Equatable {
    /// The latest version of each item that changed: one that changed twice is given once, one that is gone not at all.
    case latestVersion
    /// Every version and every end of an item, with what was there before.
    case allVersions
}
