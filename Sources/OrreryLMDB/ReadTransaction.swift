internal import CLMDB

/// A snapshot of an environment. It ends when it goes out of scope, and spans taken from it cannot outlive it.
@safe public struct ReadTransaction: ~Copyable {
    private let environment: Environment
    private let handle: OpaquePointer
    private var isEnded = false

    init(environment: Environment, handle: OpaquePointer) {
        self.environment = environment
        unsafe self.handle = unsafe handle
    }

    deinit {
        if !isEnded { unsafe environment.recycle(handle) }
    }

    /// Opens a named database for this and every later transaction, or answers nil when there is none of that
    /// name. LMDB keeps such a handle only when the transaction that opened it ends by a commit.
    consuming func keepingDatabase(_ name: String) throws(LMDBError) -> Database? {
        var database = MDB_dbi()
        let code = unsafe mdb_dbi_open(handle, name, 0, &database)
        if code == MDB_NOTFOUND { return nil }
        try LMDBError.check(code, "open database \(name)")
        isEnded = true
        try LMDBError.check(unsafe mdb_txn_commit(handle), "open database \(name)")
        return Database(handle: database)
    }

    /// The value of a key (the first one, where a key may have several), or nil.
    @_lifetime(borrow self)
    public borrowing func value(_ database: Database, _ key: Span<UInt8>) throws(LMDBError) -> Span<UInt8>? {
        var found = unsafe MDB_val()
        let code = unsafe get(handle, database, key, &found)
        if code == MDB_NOTFOUND { return nil }
        try LMDBError.check(code, "get")
        // The bytes stand in the map and stay as they are until the transaction ends, which `borrow self` says.
        let span = unsafe Span<UInt8>(
            _unsafeStart: found.mv_data.assumingMemoryBound(to: UInt8.self), count: found.mv_size)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// A cursor over a database of this snapshot.
    @_lifetime(borrow self)
    public borrowing func cursor(_ database: Database) throws(LMDBError) -> Cursor {
        try unsafe Cursor(transaction: handle, database: database)
    }

    func place(_ database: Database) throws(LMDBError) -> CursorPlace {
        try unsafe CursorPlace(transaction: handle, database: database)
    }

    /// How many entries a database holds, counting each duplicate.
    public borrowing func count(_ database: Database) throws(LMDBError) -> Int {
        try unsafe OrreryLMDB.count(handle, database)
    }
}

/// The look-up that both kinds of transaction share.
func get(
    _ transaction: OpaquePointer, _ database: Database, _ key: Span<UInt8>, _ found: inout MDB_val
) -> Int32 {
    unsafe key.withUnsafeBufferPointer { bytes in
        // LMDB takes the key by a mutable pointer and never writes through it.
        var name = unsafe MDB_val(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        return unsafe mdb_get(transaction, database.handle, &name, &found)
    }
}

func count(_ transaction: OpaquePointer, _ database: Database) throws(LMDBError) -> Int {
    var statistics = MDB_stat()
    unsafe try LMDBError.check(mdb_stat(transaction, database.handle, &statistics), "count")
    return statistics.ms_entries
}
