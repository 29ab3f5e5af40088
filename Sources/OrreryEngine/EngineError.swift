internal import OrreryLMDB

/// Why the engine could not open or read, grouped by what the caller can do next.
public enum EngineError: Error, Sendable, Equatable {
    /// Another process has the data directory open.
    case locked(String)
    /// The files were written by a newer version: use that one.
    case newerFormat(String)
    /// A file that only the log could replace is missing or damaged.
    case damaged(String)
    /// The disk failed, or refused.
    case storage(String)
    /// The disk is full. What was to be written is not there; all else is as it was.
    case diskFull(String)
    /// The store was closed.
    case closed
    /// The partition was split, so that others have its items, or was removed with its container: the catalog says
    /// which.
    case partitionGone

    init(_ error: LMDBError) {
        self =
            switch error.kind {
            case .invalidFile: .damaged(error.description)
            // A full map leaves all as it was too, and the next segment has room again.
            case .noSpace, .mapFull: .diskFull(error.description)
            default: .storage(error.description)
            }
    }

    /// Runs storage code and turns its errors into the engine's.
    static func wrapping<Result: ~Copyable>(
        _ body: () throws(LMDBError) -> Result
    ) throws(EngineError) -> Result {
        do throws(LMDBError) { return try body() } catch { throw EngineError(error) }
    }

    var isFullDisk: Bool {
        if case .diskFull = self { true } else { false }
    }

    /// One line for people.
    public var message: String {
        switch self {
        case .locked(let text), .newerFormat(let text), .damaged(let text), .storage(let text), .diskFull(let text):
            text
        case .closed: "the store is closed"
        case .partitionGone: "the partition is no more"
        }
    }
}
