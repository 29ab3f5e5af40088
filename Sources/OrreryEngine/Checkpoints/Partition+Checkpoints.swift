internal import Synchronization

extension Partition {
    /// The checkpoint of a key, as the last commit left it.
    public func checkpoint(_ key: [UInt8]) -> [UInt8]? {
        checkpoints.withLock { $0.values[key] }
    }

    /// All checkpoints whose keys begin with a prefix, in the order of their keys.
    public func checkpoints(withPrefix prefix: [UInt8]) -> [(key: [UInt8], value: [UInt8])] {
        let found = checkpoints.withLock { $0.values.filter { $0.key.starts(with: prefix) } }
        return found.map { (key: $0.key, value: $0.value) }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }

    /// Shows checkpoints that were committed.
    /// - Parameter isWritten: whether they are in the log, too.
    func publish(_ writes: [CheckpointWrite], isWritten: Bool) {
        if writes.isEmpty { return }
        checkpoints.withLock { $0.apply(writes) }
        if isWritten { writtenCheckpoints.withLock { $0.apply(writes) } }
    }

    /// Writes the table as it stands in the log before a segment begins. When that fails the next opening reads more of
    /// the log, and that is all.
    func writeCheckpointTable(before firstVersion: UInt64) throws(EngineError) {
        var table = writtenCheckpoints.withLock { $0 }
        table.version = firstVersion - 1
        try DurableFile.write(table.encoded, to: directory + "/" + CheckpointTable.fileName)
        writtenCheckpoints.withLock { $0.version = table.version }
    }

    /// Begins with the checkpoints of the partition that this one is split from.
    func takeCheckpoints(of before: Partition) throws(EngineError) {
        let table = before.checkpoints.withLock { $0 }
        checkpoints.withLock { $0 = table }
        writtenCheckpoints.withLock { $0 = table }
        try writeCheckpointTable(before: marks.withLock { $0.version } + 1)
    }
}

extension PartitionRecovery {
    /// The checkpoints as the log's end leaves them.
    /// - Parameter isTrimmed: whether the log may lack records of checkpoints, which only the table has then.
    func readCheckpoints(_ segments: [LogSegment], isTrimmed: Bool) throws(EngineError) -> CheckpointTable {
        let path = directory + "/" + CheckpointTable.fileName
        let found = try DurableFile.read(path).flatMap { CheckpointTable(encoded: $0) }
        if found == nil, isTrimmed { throw .damaged("\(path) is missing or not whole, and the log was trimmed") }
        var table = found ?? CheckpointTable()
        for segment in segments where segment.lastVersion ?? 0 > table.version {
            var isWhole = true
            func take(_ record: borrowing LogRecord) -> Bool {
                guard record.header.operation == .checkpoint, record.header.version > table.version else { return true }
                if let writes = CheckpointWrite.list(record.text) { table.apply(writes) } else { isWhole = false }
                return isWhole
            }
            if let versions = segment.scannedCheckpoints {
                for version in versions { _ = try segment.withRecord(version, take) }
            } else {
                _ = try segment.walk(after: table.version, take)
            }
            if !isWhole { throw .damaged("\(segment.path) holds a checkpoint that is not whole") }
        }
        return table
    }
}
