/// A group that was acknowledged from memory and waits to be written to the log: relaxed durability only.
final class UnwrittenGroup: Sendable {
    let firstVersion: UInt64
    let firstLSN: UInt64
    /// One record for each version from the first on, as the log will hold it.
    let records: [[UInt8]]
    let byteCount: Int
    /// What the group did to checkpoints.
    let checkpoints: [CheckpointWrite]

    init?(_ staged: [CommitGroup.Staged], _ checkpoints: [CheckpointWrite] = []) {
        guard let first = staged.first else { return nil }
        firstVersion = first.header.version
        firstLSN = first.header.lsn
        self.checkpoints = checkpoints
        records = staged.map { record in
            let count = record.header.recordByteCount(record.key, textCount: record.text.count)
            var bytes = [UInt8](repeating: 0, count: count)
            var span = bytes.mutableSpan
            record.header.write(key: record.key, text: record.text, to: &span)
            return bytes
        }
        byteCount = records.reduce(0) { $0 + $1.count }
    }

    var lastVersion: UInt64 { firstVersion + UInt64(records.count) - 1 }

    /// Hands one version to `body`; nil when it is not of this group.
    func withRecord<Result>(_ version: UInt64, _ body: (borrowing LogRecord) -> Result) -> Result? {
        guard firstVersion <= version, version <= lastVersion else { return nil }
        let bytes = records[Int(version - firstVersion)]
        guard let record = LogRecord(version: version, bytes.span) else { return nil }
        return body(record)
    }
}
