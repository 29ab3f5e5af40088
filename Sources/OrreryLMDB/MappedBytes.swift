internal import CLMDB

/// A value where it stands in the map of a file that nobody changes any more. It keeps the file open.
public struct MappedBytes: Sendable {
    // The bytes are only read, and stay where they are: see ``Environment/mappedValue(_:_:)``.
    @safe private struct Place: @unchecked Sendable {
        let start: UnsafePointer<UInt8>
    }

    /// Ends the map when the last owner lets go.
    private let environment: Environment
    private let place: Place
    /// How many bytes there are.
    public let count: Int

    fileprivate init(_ environment: Environment, start: UnsafePointer<UInt8>, count: Int) {
        self.environment = environment
        unsafe place = Place(start: start)
        self.count = count
    }

    /// Runs `body` over the bytes.
    public borrowing func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        // The bytes stay while the environment is held, and so for the call.
        body(unsafe Span(_unsafeStart: place.start, count: count))
    }
}

extension Environment {
    /// A key's value without a copy of it, or nil. The environment must be open for reading only and without locks,
    /// as a file is that was written whole: no page of it is ever used again for something else, so that the value
    /// outlives the transaction that finds it.
    public func mappedValue(_ database: Database, _ key: Span<UInt8>) throws(LMDBError) -> MappedBytes? {
        guard isUnchanging else { throw LMDBError(MDB_INCOMPATIBLE, "map a value") }
        let transaction = try read()
        guard let value = try transaction.value(database, key) else { return nil }
        // A value that is larger than its file was changed by others.
        guard value.count <= usedBytes else { throw LMDBError(MDB_CORRUPTED, "map a value") }
        let start = unsafe value.withUnsafeBufferPointer { $0.baseAddress }
        guard let start = unsafe start else { return nil }
        return unsafe MappedBytes(self, start: start, count: value.count)
    }
}
