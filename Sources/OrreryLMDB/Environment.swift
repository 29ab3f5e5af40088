// OrreryLMDB makes LMDB safe: transactions and cursors cannot be copied or outlive what they stand on,
// and every failure is a typed error. It knows nothing of documents, logs or runs: bytes go in and out.
internal import CLMDB
internal import Glibc
internal import Synchronization

/// One LMDB environment: a memory-mapped file with snapshots for any number of readers and one writer.
///
/// Read transactions may start on any thread and are pooled, because renewing a reader costs far less than
/// making one. The caller keeps to one write transaction at a time per environment; a second one waits.
public final class Environment: Sendable {
    /// How the file is opened.
    public struct Options: OptionSet, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// No write transactions.
        public static let readOnly = Options(rawValue: UInt32(MDB_RDONLY))
        /// No lock file. Right for a file that nobody writes any more, or that only its writer has open.
        public static let noLock = Options(rawValue: UInt32(MDB_NOLOCK))
        /// No flush at commit: for files that are synced once at their end, or need not survive.
        public static let noSync = Options(rawValue: UInt32(MDB_NOSYNC))
        /// Do not ask the kernel to read ahead: for random reads over files larger than memory.
        public static let noReadAhead = Options(rawValue: UInt32(MDB_NORDAHEAD))
    }

    // The pointers are LMDB's own; LMDB allows their use from any thread under MDB_NOTLS, and the pool's
    // mutex hands each reset reader to one transaction only.
    @safe private struct Handle: @unchecked Sendable {
        let environment: OpaquePointer
    }

    @safe private struct Pool: @unchecked Sendable {
        var readers: [OpaquePointer] = unsafe []
        var isClosed = false
    }

    /// Runs what closes an environment.
    public typealias Closing = @Sendable (_ close: @escaping @Sendable () -> Void) -> Void

    private let handle: Handle
    private let closing: Closing
    private let pool = Mutex(Pool())
    /// Readers kept for reuse; more than this are freed when they end.
    private static let pooledReadersMax = 64

    /// Files hold what is nobody's business but the owner's: documents, and in the catalog keys.
    private static let fileMode: mdb_mode_t = 0o600

    /// The path of the file.
    public let path: String
    /// Whether the file is one that nobody changes while it is open here.
    let isUnchanging: Bool

    /// Opens or creates the file at `path`.
    ///
    /// - Parameters:
    ///   - mapBytes: the largest size the file can grow to. Address space, not memory or disk.
    ///   - databasesMax: how many named databases it may hold.
    ///   - closing: runs what closes the file once the last owner has let go. To end the map of a large file takes
    ///     milliseconds, which the owner may have somebody else spend.
    public init(
        path: String, mapBytes: Int, databasesMax: Int, options: Options = [],
        closing: @escaping Closing = { close in close() }
    ) throws(LMDBError) {
        self.path = path
        self.closing = closing
        isUnchanging = options.isSuperset(of: [.readOnly, .noLock])
        _ = LargeAllocations.comeFromTheSystem
        var environment: OpaquePointer?
        unsafe try LMDBError.check(mdb_env_create(&environment), "create environment")
        guard let environment = unsafe environment else { throw LMDBError(ENOMEM, "create environment") }
        let flags = options.rawValue | UInt32(MDB_NOSUBDIR) | UInt32(MDB_NOTLS)
        do throws(LMDBError) {
            unsafe try LMDBError.check(mdb_env_set_mapsize(environment, mapBytes), "set map size")
            unsafe try LMDBError.check(mdb_env_set_maxdbs(environment, UInt32(databasesMax)), "set databases")
            unsafe try LMDBError.check(mdb_env_set_maxreaders(environment, 510), "set readers")
            unsafe try LMDBError.check(mdb_env_open(environment, path, flags, Self.fileMode), "open \(path)")
            unsafe try Self.checkSize(of: environment, path, isReadOnly: options.contains(.readOnly))
        } catch {
            unsafe mdb_env_close(environment)
            throw error
        }
        unsafe handle = Handle(environment: environment)
    }

    /// Sees to it that the file has all the pages that it counts: a read behind its end would end the process.
    private static func checkSize(of environment: OpaquePointer, _ path: String, isReadOnly: Bool) throws(LMDBError) {
        let neededBytes = unsafe usedBytes(of: environment)
        var descriptor: Int32 = -1
        var status = stat()
        unsafe try LMDBError.check(mdb_env_get_fd(environment, &descriptor), "open \(path)")
        guard unsafe fstat(descriptor, &status) == 0 else { throw LMDBError(errno, "open \(path)") }
        guard Int(status.st_size) < neededBytes else { return }
        if isReadOnly { throw LMDBError(MDB_CORRUPTED, "open \(path), which is cut short") }
        // LMDB may leave pages unwritten that it freed at once, at the end of a file too, so this is no damage yet.
        // What was lost reads as zeros, which no page and no record is.
        guard ftruncate(descriptor, neededBytes) == 0 else { throw LMDBError(errno, "lengthen \(path)") }
    }

    deinit {
        // Transactions hold the environment, so none is open here; only idle readers are left.
        pool.withLock { pool in
            for unsafe reader in unsafe pool.readers { unsafe mdb_txn_abort(reader) }
            unsafe pool.readers = []
        }
        closing { [handle] in unsafe mdb_env_close(handle.environment) }
    }

    /// Starts a read transaction: a snapshot of the last commit.
    public func read() throws(LMDBError) -> ReadTransaction {
        let pooled = unsafe pool.withLock { pool in unsafe pool.readers.popLast() }
        if let pooled = unsafe pooled {
            let code = unsafe mdb_txn_renew(pooled)
            if code == MDB_SUCCESS { return unsafe ReadTransaction(environment: self, handle: pooled) }
            unsafe mdb_txn_abort(pooled)
        }
        var transaction: OpaquePointer?
        unsafe try LMDBError.check(
            mdb_txn_begin(handle.environment, nil, UInt32(MDB_RDONLY), &transaction), "begin read")
        guard let transaction = unsafe transaction else { throw LMDBError(ENOMEM, "begin read") }
        return unsafe ReadTransaction(environment: self, handle: transaction)
    }

    /// Takes back the reader of an ended transaction.
    func recycle(_ reader: OpaquePointer) {
        unsafe mdb_txn_reset(reader)
        let isKept = pool.withLock { pool in
            guard unsafe pool.readers.count < Self.pooledReadersMax else { return false }
            unsafe pool.readers.append(reader)
            return true
        }
        if !isKept { unsafe mdb_txn_abort(reader) }
    }

    /// Starts the write transaction; waits while another one is open.
    public func write() throws(LMDBError) -> WriteTransaction {
        var transaction: OpaquePointer?
        unsafe try LMDBError.check(mdb_txn_begin(handle.environment, nil, 0, &transaction), "begin write")
        guard let transaction = unsafe transaction else { throw LMDBError(ENOMEM, "begin write") }
        return unsafe WriteTransaction(environment: self, handle: transaction)
    }

    /// Flushes everything committed so far to the disk. Needed only under `noSync`.
    public func sync() throws(LMDBError) {
        unsafe try LMDBError.check(mdb_env_sync(handle.environment, 1), "sync")
    }

    /// Bytes of the file in use: pages up to the last one written.
    public var usedBytes: Int { unsafe Self.usedBytes(of: handle.environment) }

    private static func usedBytes(of environment: OpaquePointer) -> Int {
        var information = unsafe MDB_envinfo()
        var statistics = MDB_stat()
        guard unsafe mdb_env_info(environment, &information) == MDB_SUCCESS,
            unsafe mdb_env_stat(environment, &statistics) == MDB_SUCCESS
        else { return 0 }
        return unsafe (Int(information.me_last_pgno) + 1) * Int(statistics.ms_psize)
    }
}
