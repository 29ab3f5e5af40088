internal import CLMDB

/// A cursor together with the snapshot it reads, for work that keeps several of them open side by side.
public struct OwnedCursor: ~Copyable {
    private let transaction: ReadTransaction
    private var place: CursorPlace

    init(_ transaction: consuming ReadTransaction, _ place: consuming CursorPlace) {
        self.transaction = transaction
        self.place = place
    }

    /// The key at the cursor; empty before the first step.
    public var key: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            unsafe _overrideLifetime(place.keySpan, borrowing: self)
        }
    }

    /// The value at the cursor; empty before the first step.
    public var value: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            unsafe _overrideLifetime(place.valueSpan, borrowing: self)
        }
    }

    /// Goes to the first entry.
    public mutating func first() throws(LMDBError) -> Bool { try place.step(MDB_FIRST) }

    /// Goes to the next value of the same key.
    public mutating func nextDuplicate() throws(LMDBError) -> Bool { try place.step(MDB_NEXT_DUP) }

    /// Goes to the first value of the next key.
    public mutating func nextKey() throws(LMDBError) -> Bool { try place.step(MDB_NEXT_NODUP) }

    /// Goes to the first value of the key before this one.
    public mutating func previousKey() throws(LMDBError) -> Bool {
        guard try place.step(MDB_PREV_NODUP) else { return false }
        return try place.step(MDB_FIRST_DUP)
    }

    /// Goes to the last key's first value.
    public mutating func lastKey() throws(LMDBError) -> Bool {
        guard try place.step(MDB_LAST) else { return false }
        return try place.step(MDB_FIRST_DUP)
    }

    /// Goes to the first entry whose key is `key` or sorts after it.
    public mutating func seek(_ key: Span<UInt8>) throws(LMDBError) -> Bool {
        try place.find(key, MDB_SET_RANGE)
    }

    /// How many values the key at the cursor has.
    public borrowing func duplicateCount() throws(LMDBError) -> Int { try place.duplicateCount() }
}

extension Environment {
    /// A cursor over a database in a snapshot of its own.
    public func cursor(_ database: Database) throws(LMDBError) -> OwnedCursor {
        let transaction = try read()
        let place = try transaction.place(database)
        return OwnedCursor(transaction, place)
    }
}
