/// Some versions of a partition on their way into the log of another, with the numbers that they have.
struct AdoptedVersions {
    /// The records as the log will hold them, of consecutive versions.
    private(set) var records: [[UInt8]] = []
    private(set) var byteCount = 0
    private(set) var firstVersion: UInt64?
    /// The numbers that were given with them.
    private(set) var marks = LogSegment.Marks()
    private var builder: DeltaBatchBuilder
    private let hashing: ItemHash
    private let indexing: IndexExtractor
    private static let noKey = ItemKey(effectiveKey: [], partitionKey: [], id: [])

    init(_ hashing: ItemHash, _ indexing: IndexExtractor) {
        self.hashing = hashing
        self.indexing = indexing
        builder = DeltaBatchBuilder(indexing)
    }

    /// Adds the next version.
    /// - Parameter header: the record's, as it is to be indexed.
    mutating func add(_ record: borrowing LogRecord, _ header: LogHeader) {
        append([UInt8](copying: record.bytes), record.header)
        builder.add(
            header, hash: hashing.hash(record), order: KeyOrder(record.effectiveKey),
            entries: indexing.entries(of: record))
    }

    /// Holds the place of the next version, which goes elsewhere.
    mutating func pass(_ header: LogHeader) {
        let header = LogHeader(
            version: header.version, lsn: header.lsn, previousVersion: 0, documentNumber: 0,
            timestampMilliseconds: header.timestampMilliseconds, nonce: 0, operation: .elsewhere, previousTextCount: 0)
        var bytes = [UInt8](repeating: 0, count: header.recordByteCount(Self.noKey, textCount: 0))
        var span = bytes.mutableSpan
        header.write(key: Self.noKey, text: [], to: &span)
        append(bytes, header)
    }

    private mutating func append(_ record: [UInt8], _ header: LogHeader) {
        records.append(record)
        byteCount += record.count
        firstVersion = firstVersion ?? header.version
        marks.version = header.version
        marks.lsn = header.lsn
        marks.timestampMilliseconds = max(marks.timestampMilliseconds, header.timestampMilliseconds)
    }

    /// The versions that are not elsewhere, indexed; nil when there are none.
    consuming func batch() -> DeltaBatch? {
        builder.finished()
    }
}

extension LogGroup {
    /// Versions that a partition takes over.
    init(_ versions: borrowing AdoptedVersions) {
        self.init(
            firstVersion: versions.firstVersion ?? 0, recordByteCounts: versions.records.lazy.map(\.count))
        for record in versions.records { appendRecord(byteCount: record.count) { $0.copy(record.span, at: 0) } }
    }
}
