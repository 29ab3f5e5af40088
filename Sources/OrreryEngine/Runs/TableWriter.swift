internal import OrreryLMDB

/// Appends to one table of a run, some megabytes at a time, which are on the disk before the next ones are put: dirty
/// pages stay bounded, and a commit's flush never waits behind hundreds of megabytes of a merge.
struct TableWriter: ~Copyable {
    private let environment: Environment
    private let table: Database
    private var transaction: WriteTransaction?
    private let pace: UpkeepPace
    private var byteCount = 0
    private var breathAtByte = breathBytes

    static let stepBytes = 8 << 20
    /// Looking at the clock takes a hundredth of the time that it takes to put so many.
    private static let breathBytes = 4 << 10

    /// Makes the table.
    init(
        _ environment: Environment, _ name: String, options: Database.Options = [], pace: UpkeepPace
    ) throws(EngineError) {
        self.pace = pace
        self.environment = environment
        table = try EngineError.wrapping { () throws(LMDBError) in
            try environment.openDatabase(name, options: options)
        }
    }

    /// Puts a value under a key that sorts after all others, or one more under the last key, where it sorts after the
    /// key's others.
    mutating func append(_ key: [UInt8], _ value: [UInt8], isNewKey: Bool = true) throws(EngineError) {
        try put(table, key, value, isNewKey ? .append : .appendDuplicate)
    }

    /// Puts a value into another table of the file, under a key that sorts after all others there: the file has one
    /// transaction at a time.
    mutating func append(_ key: [UInt8], _ value: [UInt8], besideIn other: Database) throws(EngineError) {
        try put(other, key, value, .append)
    }

    private mutating func put(
        _ table: Database, _ key: [UInt8], _ value: [UInt8], _ mode: PutMode
    ) throws(EngineError) {
        do throws(LMDBError) {
            if transaction == nil { transaction = try environment.write() }
            try transaction?.put(table, key: key.span, value: value.span, mode: mode)
            byteCount += key.count + value.count
            if byteCount >= Self.stepBytes {
                try transaction.take()?.commit()
                try environment.sync()
                (byteCount, breathAtByte) = (0, 0)
            }
        } catch {
            // What is appended is in order, unless others have changed the pages that it was read from.
            throw error.kind == .keyExists ? .damaged("\(environment.path): \(error)") : EngineError(error)
        }
        if byteCount >= breathAtByte {
            breathAtByte = byteCount + Self.breathBytes
            try pace.breathe()
        }
    }

    /// Ends it; what was appended is in the file then, though not all on the disk.
    consuming func finish() throws(EngineError) {
        do throws(LMDBError) { try transaction.take()?.commit() } catch { throw EngineError(error) }
    }
}
