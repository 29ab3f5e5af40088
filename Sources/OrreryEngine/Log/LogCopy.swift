/// Writes some of a segment's records to another file, in groups of those that follow each other.
struct LogCopy {
    private let file: LogFile
    private let nonce: UInt64
    private let firstVersion: UInt64
    private var end: Int
    private var offsets: [UInt32] = []
    /// Closed groups that are to be written together.
    private var waiting: [UInt8] = []
    /// The records of the group that grows, the last of the version before ``nextVersion``.
    private var records: [[UInt8]] = []
    private var recordBytes = 0

    /// Bytes of groups that are written, and flushed, at once.
    private static let stepBytes = 4 << 20

    init(_ file: LogFile, from start: Int, nonce: UInt64, firstVersion: UInt64) {
        (self.file, self.nonce, self.firstVersion, end) = (file, nonce, firstVersion, start)
    }

    private var nextVersion: UInt64 { firstVersion + UInt64(offsets.count + records.count) }

    /// Adds a record of a later version.
    mutating func add(_ record: borrowing LogRecord) throws(EngineError) {
        if record.header.version != nextVersion || recordBytes >= Self.stepBytes {
            closeGroup()
            offsets += [UInt32](repeating: 0, count: Int(record.header.version - nextVersion))
        }
        records.append([UInt8](copying: record.bytes))
        recordBytes += record.bytes.count
        if waiting.count >= Self.stepBytes { try write() }
    }

    /// Writes what waits. Answers where the records of so many versions are, in eights of bytes, and where they end.
    mutating func finish(count: Int) throws(EngineError) -> (offsets: [UInt32], end: Int) {
        closeGroup()
        try write()
        offsets += [UInt32](repeating: 0, count: count - offsets.count)
        return (offsets, end)
    }

    private mutating func closeGroup() {
        if records.isEmpty { return }
        var group = LogGroup(firstVersion: nextVersion - UInt64(records.count), recordByteCounts: records.map(\.count))
        for record in records { group.appendRecord(byteCount: record.count) { $0.copy(record.span, at: 0) } }
        group.close(nonce: nonce)
        let start = end + waiting.count
        offsets += group.recordOffsets.map { UInt32(truncatingIfNeeded: (start + $0) / 8) }
        waiting += group.bytes
        records.removeAll(keepingCapacity: true)
        recordBytes = 0
    }

    private mutating func write() throws(EngineError) {
        try file.append(waiting, at: end)
        end += waiting.count
        waiting.removeAll(keepingCapacity: true)
    }
}
