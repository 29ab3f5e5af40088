internal import CLMDB
internal import Glibc

/// A place in a database. It cannot outlive the transaction it reads, and each step says whether there was one.
@safe public struct Cursor: ~Copyable, ~Escapable {
    private var place: CursorPlace

    @_lifetime(immortal)
    init(transaction: OpaquePointer, database: Database) throws(LMDBError) {
        place = try unsafe CursorPlace(transaction: transaction, database: database)
    }

    /// The key at the cursor. Empty before the first step.
    public var key: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            unsafe _overrideLifetime(place.keySpan, borrowing: self)
        }
    }

    /// The value at the cursor. Empty before the first step.
    public var value: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            unsafe _overrideLifetime(place.valueSpan, borrowing: self)
        }
    }

    /// Goes to the first entry.
    @_lifetime(self: copy self)
    public mutating func first() throws(LMDBError) -> Bool { try place.step(MDB_FIRST) }

    /// Goes to the last entry.
    @_lifetime(self: copy self)
    public mutating func last() throws(LMDBError) -> Bool { try place.step(MDB_LAST) }

    /// Goes to the next entry, which may be the next value of the same key.
    @_lifetime(self: copy self)
    public mutating func next() throws(LMDBError) -> Bool { try place.step(MDB_NEXT) }

    /// Goes to the entry before this one.
    @_lifetime(self: copy self)
    public mutating func previous() throws(LMDBError) -> Bool { try place.step(MDB_PREV) }

    /// Goes to the first entry whose key is `key` or sorts after it.
    @_lifetime(self: copy self)
    public mutating func seek(_ key: Span<UInt8>) throws(LMDBError) -> Bool {
        try place.find(key, MDB_SET_RANGE)
    }
}

/// LMDB's cursor and the two values it last answered, without the lifetimes that ``Cursor`` adds.
/// Not private: a release build specialises other modules over ``Cursor``, and they must find this type to link.
@safe struct CursorPlace: ~Copyable {
    private let handle: OpaquePointer
    private var key = unsafe MDB_val()
    private var value = unsafe MDB_val()

    init(transaction: OpaquePointer, database: Database) throws(LMDBError) {
        var cursor: OpaquePointer?
        unsafe try LMDBError.check(mdb_cursor_open(transaction, database.handle, &cursor), "open cursor")
        guard let cursor = unsafe cursor else { throw LMDBError(ENOMEM, "open cursor") }
        unsafe handle = cursor
    }

    deinit {
        unsafe mdb_cursor_close(handle)
    }

    /// The key last answered; empty where there is none.
    var keySpan: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { unsafe Self.span(key, borrowing: self) }
    }

    /// The value last answered; empty where there is none.
    var valueSpan: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { unsafe Self.span(value, borrowing: self) }
    }

    @_lifetime(borrow owner)
    private static func span(_ value: MDB_val, borrowing owner: borrowing CursorPlace) -> Span<UInt8> {
        guard let start = unsafe value.mv_data else { return Span<UInt8>() }
        // The bytes stand in the map and stay until the transaction ends or the cursor moves.
        return unsafe _overrideLifetime(
            Span<UInt8>(_unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: value.mv_size),
            borrowing: owner)
    }

    mutating func step(_ operation: MDB_cursor_op) throws(LMDBError) -> Bool {
        let code = unsafe mdb_cursor_get(handle, &key, &value, operation)
        if code == MDB_NOTFOUND { return false }
        try LMDBError.check(code, "move cursor")
        return true
    }

    mutating func find(_ wanted: Span<UInt8>, _ operation: MDB_cursor_op) throws(LMDBError) -> Bool {
        let code = unsafe wanted.withUnsafeBufferPointer { bytes in
            unsafe key = MDB_val(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            return unsafe mdb_cursor_get(handle, &key, &value, operation)
        }
        return try found(code, "seek")
    }

    private mutating func found(_ code: Int32, _ operation: String) throws(LMDBError) -> Bool {
        if code == MDB_SUCCESS { return true }
        // The bytes given are not the map's: forget them.
        unsafe key = MDB_val()
        unsafe value = MDB_val()
        if code == MDB_NOTFOUND { return false }
        throw LMDBError(code, operation)
    }

    borrowing func duplicateCount() throws(LMDBError) -> Int {
        var count = 0
        unsafe try LMDBError.check(mdb_cursor_count(handle, &count), "count duplicates")
        return count
    }
}
