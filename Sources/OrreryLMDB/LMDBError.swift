internal import CLMDB
internal import Glibc

/// What LMDB refused, and in which call.
///
/// Not-found is never an error here: look-ups answer `nil`.
public struct LMDBError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What a caller can do about it.
    public enum Kind: Sendable, Equatable {
        /// The key is there already and the put asked for a new one.
        case keyExists
        /// The map is full: the environment was opened too small.
        case mapFull
        /// The disk is full.
        case noSpace
        /// The file is no LMDB file, is damaged, or was made by another version of the library.
        case invalidFile
        /// The operating system refused (permissions, a failing disk); `code` is its errno.
        case system
        /// A call that LMDB found wrong: a defect in the caller.
        case misuse
    }

    /// LMDB's return code, or the errno of the system call behind it.
    public let code: Int32
    /// The call that failed, such as "commit".
    public let operation: String

    init(_ code: Int32, _ operation: String) {
        self.code = code
        self.operation = operation
    }

    /// The group that the code belongs to.
    public var kind: Kind {
        switch code {
        case MDB_KEYEXIST: .keyExists
        case MDB_MAP_FULL: .mapFull
        case MDB_INVALID, MDB_VERSION_MISMATCH, MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_PANIC: .invalidFile
        case ENOSPC, EDQUOT: .noSpace
        case let code where code > 0: .system
        default: .misuse
        }
    }

    /// LMDB's own text for the code, after the call's name.
    public var description: String {
        // The text is a static string of the library or of the C library: nothing to free.
        unsafe "\(operation): \(String(cString: mdb_strerror(code)))"
    }

    static func check(_ code: Int32, _ operation: String) throws(LMDBError) {
        guard code == MDB_SUCCESS else { throw LMDBError(code, operation) }
    }
}
