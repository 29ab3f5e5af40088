internal import CLMDB

/// The one open change of an environment. It is undone unless ``commit()`` ends it.
@safe public struct WriteTransaction: ~Copyable {
    private let environment: Environment
    private let handle: OpaquePointer
    private var isEnded = false
    /// A place at the end of the database that was appended to last, while nothing else is changed: without it each
    /// put searches the end anew. LMDB closes it with the transaction.
    private var end: (database: Database, cursor: OpaquePointer)?

    init(environment: Environment, handle: OpaquePointer) {
        self.environment = environment
        unsafe self.handle = unsafe handle
    }

    deinit {
        if !isEnded { unsafe mdb_txn_abort(handle) }
    }

    /// Makes the change visible and, unless the environment was opened with `noSync`, durable.
    ///
    /// When this throws nothing of the change is visible; whether it reached the disk is unknown if the error
    /// is a system error.
    public consuming func commit() throws(LMDBError) {
        // LMDB frees the transaction whether or not the commit succeeds.
        isEnded = true
        try LMDBError.check(unsafe mdb_txn_commit(handle), "commit")
    }

    /// Opens a named database, creating it where it is missing.
    public borrowing func database(
        _ name: String, options: Database.Options = []
    ) throws(LMDBError) -> Database {
        var database = MDB_dbi()
        unsafe try LMDBError.check(
            mdb_dbi_open(handle, name, options.rawValue | UInt32(MDB_CREATE), &database), "open database \(name)")
        return Database(handle: database)
    }

    /// The value of a key (the first one, where a key may have several), or nil.
    @_lifetime(borrow self)
    public borrowing func value(_ database: Database, _ key: Span<UInt8>) throws(LMDBError) -> Span<UInt8>? {
        var found = unsafe MDB_val()
        let code = unsafe get(handle, database, key, &found)
        if code == MDB_NOTFOUND { return nil }
        try LMDBError.check(code, "get")
        // The bytes stay as they are until the transaction's next change, which needs it mutable.
        let span = unsafe Span<UInt8>(
            _unsafeStart: found.mv_data.assumingMemoryBound(to: UInt8.self), count: found.mv_size)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// Puts a value.
    public mutating func put(
        _ database: Database, key: Span<UInt8>, value: Span<UInt8>, mode: PutMode = .replace
    ) throws(LMDBError) {
        if !mode.isAtEnd { closeEnd() }
        let end = try unsafe mode.isAtEnd ? openEnd(of: database) : nil
        let code = unsafe key.withUnsafeBufferPointer { keyBytes in
            unsafe value.withUnsafeBufferPointer { valueBytes in
                // LMDB copies both and never writes through the pointers.
                var name = unsafe MDB_val(
                    mv_size: keyBytes.count, mv_data: UnsafeMutableRawPointer(mutating: keyBytes.baseAddress))
                var data = unsafe MDB_val(
                    mv_size: valueBytes.count, mv_data: UnsafeMutableRawPointer(mutating: valueBytes.baseAddress))
                guard let end = unsafe end else {
                    return unsafe mdb_put(handle, database.handle, &name, &data, mode.flags)
                }
                return unsafe mdb_cursor_put(end, &name, &data, mode.flags)
            }
        }
        try LMDBError.check(code, "put")
    }

    private mutating func openEnd(of database: Database) throws(LMDBError) -> OpaquePointer? {
        if let end = unsafe end, unsafe end.database.handle == database.handle { return unsafe end.cursor }
        closeEnd()
        var cursor: OpaquePointer?
        unsafe try LMDBError.check(mdb_cursor_open(handle, database.handle, &cursor), "open cursor")
        if let cursor = unsafe cursor { unsafe end = (database, cursor) }
        return unsafe cursor
    }

    /// Forgets the place, which is not the end any more after other changes.
    private mutating func closeEnd() {
        if let end = unsafe end { unsafe mdb_cursor_close(end.cursor) }
        unsafe end = nil
    }

    /// Removes a key with all its values. Answers whether it was there.
    @discardableResult
    public mutating func remove(_ database: Database, key: Span<UInt8>) throws(LMDBError) -> Bool {
        closeEnd()
        let code = unsafe key.withUnsafeBufferPointer { bytes in
            var name = unsafe MDB_val(
                mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            return unsafe mdb_del(handle, database.handle, &name, nil)
        }
        if code == MDB_NOTFOUND { return false }
        try LMDBError.check(code, "remove")
        return true
    }

    /// A cursor over a database as this transaction sees it. Do not change the database while it is in use.
    @_lifetime(borrow self)
    public borrowing func cursor(_ database: Database) throws(LMDBError) -> Cursor {
        try unsafe Cursor(transaction: handle, database: database)
    }
}

extension Environment {
    /// Opens named databases once, creating them in a writable environment. The handles serve every later
    /// transaction.
    public func openDatabase(_ name: String, options: Database.Options = []) throws(LMDBError) -> Database {
        let transaction = try write()
        let database = try transaction.database(name, options: options)
        try transaction.commit()
        return database
    }

    /// Opens a named database of a read-only environment, or answers nil when there is none of that name.
    public func existingDatabase(_ name: String) throws(LMDBError) -> Database? {
        try read().keepingDatabase(name)
    }
}
