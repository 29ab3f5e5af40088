internal import OrreryDocuments

/// A place in a partition's history that a reader has reached: every change up to there is behind it.
///
/// Kept as a checkpoint whose key ends in ``keySuffix``, it holds the log: trimming leaves what lies behind it, so that
/// the reader misses nothing however long it is away, up to `EngineConfiguration.heldHistoryBytesMax`. As text it is
/// `{"lsn":…,"version":…}`.
public struct HistoryPlace: Sendable, Equatable {
    public var lsn: UInt64
    /// Greater than the versions of all changes up to the LSN, and perhaps of some of the next LSN's.
    public var version: UInt64

    public init(lsn: UInt64 = 0, version: UInt64 = 0) {
        self.lsn = lsn
        self.version = version
    }

    /// What the keys of such checkpoints end in.
    public static let keySuffix = Array("/at".utf8)

    /// Whether this place lies behind another: a reader that is here has gone further.
    public func isBehind(_ other: HistoryPlace) -> Bool { lsn > other.lsn || version > other.version }

    /// The place as a checkpoint's value.
    public var text: [UInt8] { Array(#"{"lsn":\#(lsn),"version":\#(version)}"#.utf8) }

    /// Reads a checkpoint's value; nil where it is none of these.
    public init?(text: [UInt8]) {
        guard let json = try? JSONValue(parsing: text), let lsn = json["lsn"]?.int64,
            let version = json["version"]?.int64
        else { return nil }
        self.init(lsn: UInt64(clamping: lsn), version: UInt64(clamping: version))
    }
}
