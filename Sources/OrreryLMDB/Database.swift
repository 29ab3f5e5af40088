internal import CLMDB

/// A named database within an environment: a handle, valid as long as its environment.
public struct Database: Sendable {
    /// How keys and values are kept.
    public struct Options: OptionSet, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// A key may have many values, kept sorted.
        public static let duplicates = Options(rawValue: UInt32(MDB_DUPSORT))
    }

    let handle: MDB_dbi
}

/// How a put treats what is there.
public enum PutMode: Sendable {
    /// Replaces the value of the key.
    case replace
    /// Fails with `.keyExists` when the key has a value.
    case insert
    /// The key sorts after every other: written at the end without a search.
    case append
    /// As `append`, and the value sorts after the key's other values.
    case appendDuplicate

    /// Whether it adds at the end.
    var isAtEnd: Bool { self == .append || self == .appendDuplicate }

    var flags: UInt32 {
        switch self {
        case .replace: 0
        case .insert: UInt32(MDB_NOOVERWRITE)
        case .append: UInt32(MDB_APPEND)
        case .appendDuplicate: UInt32(MDB_APPENDDUP)
        }
    }
}
