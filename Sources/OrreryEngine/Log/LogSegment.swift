internal import OrreryLMDB

/// One file of a partition's log: a range of versions that rises without end until the segment is sealed.
///
/// Only appended to, so that a commit dirties the last pages alone. Its first transaction carries the format and the
/// high-water marks as they were when it was made: with them a log whose older segments are gone still never gives a
/// number twice.
final class LogSegment: Sendable {
    /// The numbers that must never be given again.
    struct Marks: Sendable, Equatable {
        var version: UInt64 = 0
        var lsn: UInt64 = 0
        var documentNumber: UInt64 = 0
        var timestampMilliseconds: Int64 = 0
    }

    static let formatVersion: UInt64 = 1
    /// Room for the sealing size and what may come before the next segment is made.
    private static let mapBytes = 1 << 30
    private static let marksKey = Array("marks".utf8)

    let environment: Environment
    let records: Database
    /// The version of its first record, whether or not that is written yet.
    let firstVersion: UInt64
    let marks: Marks
    let fileName: String
    private let room: LogRoom

    /// Opens a segment, or makes it with these marks where it is new.
    init(directory: String, fileName: String, firstVersion: UInt64, marks: Marks) throws(EngineError) {
        self.fileName = fileName
        self.firstVersion = firstVersion
        let path = directory + "/" + fileName
        let found: (format: UInt64, marks: Marks)?
        do throws(LMDBError) {
            environment = try Environment(path: path, mapBytes: Self.mapBytes, databasesMax: 3)
            let side = try environment.openDatabase("side")
            records = try environment.openDatabase("records")
            found = try Self.readMarks(environment, side)
            if found == nil { try Self.writeMarks(environment, side, marks) }
        } catch {
            throw EngineError(error)
        }
        if let found, found.format > Self.formatVersion {
            throw .newerFormat(
                "\(path) is of format \(found.format) and this version reads up to \(Self.formatVersion)")
        }
        self.marks = found?.marks ?? marks
        room = LogRoom(path: path)
    }

    /// Begins the transaction of a group. The caller sees to it that there is one at a time.
    func write() throws(LMDBError) -> WriteTransaction {
        room.keepAhead(ofUsedBytes: environment.usedBytes)
        return try environment.write()
    }

    private static func readMarks(
        _ environment: Environment, _ side: Database
    ) throws(LMDBError) -> (format: UInt64, marks: Marks)? {
        let transaction = try environment.read()
        guard let value = try transaction.value(side, marksKey.span), value.count >= 40 else { return nil }
        let marks = Marks(
            version: value.littleEndian(at: 8, as: UInt64.self),
            lsn: value.littleEndian(at: 16, as: UInt64.self),
            documentNumber: value.littleEndian(at: 24, as: UInt64.self),
            timestampMilliseconds: value.littleEndian(at: 32, as: Int64.self))
        return (value.littleEndian(at: 0, as: UInt64.self), marks)
    }

    private static func writeMarks(
        _ environment: Environment, _ side: Database, _ marks: Marks
    ) throws(LMDBError) {
        var encoder = ByteEncoder()
        encoder.append(formatVersion)
        encoder.append(marks.version)
        encoder.append(marks.lsn)
        encoder.append(marks.documentNumber)
        encoder.append(marks.timestampMilliseconds)
        var transaction = try environment.write()
        try transaction.put(side, key: marksKey.span, value: encoder.bytes.span)
        try transaction.commit()
    }

    static func fileName(number: UInt64) -> String { "log-\(number).lmdb" }

    /// The last version written; nil while there is none.
    func lastVersion() throws(EngineError) -> UInt64? {
        try EngineError.wrapping { () throws(LMDBError) in
            let transaction = try environment.read()
            var cursor = try transaction.cursor(records)
            return try cursor.last() ? cursor.key.bigEndian(at: 0, as: UInt64.self) : nil
        }
    }

    /// Reads one version and hands it to `body`. Nil when there is none of that number.
    func withRecord<Result>(
        _ version: UInt64, _ body: (borrowing LogRecord) -> Result
    ) throws(EngineError) -> Result? {
        var result: Result?
        var isDamaged = false
        try EngineError.wrapping { () throws(LMDBError) in
            let transaction = try environment.read()
            let key = VersionKey(version)
            guard let bytes = try transaction.value(records, key.span) else { return }
            if let record = LogRecord(version: version, bytes) {
                result = body(record)
            } else {
                isDamaged = true
            }
        }
        if isDamaged { throw .damaged("\(environment.path): version \(version) does not match its checksum") }
        return result
    }

    /// What became of one step of a walk.
    private enum Step {
        case goOn
        case stop
        case damaged(UInt64)
    }

    /// Walks the versions after `version`, in order, until `body` answers false. Answers whether the end was reached.
    func walk(
        after version: UInt64, _ body: (borrowing LogRecord) -> Bool
    ) throws(EngineError) -> Bool {
        var step = Step.goOn
        try EngineError.wrapping { () throws(LMDBError) in
            let transaction = try environment.read()
            var cursor = try transaction.cursor(records)
            let start = VersionKey(version + 1)
            var more = try cursor.seek(start.span)
            while more {
                step = Self.visit(cursor.key, cursor.value, body)
                guard case .goOn = step else { return }
                more = try cursor.next()
            }
        }
        switch step {
        case .goOn: return true
        case .stop: return false
        case .damaged(let version):
            throw .damaged("\(environment.path): version \(version) does not match its checksum")
        }
    }

    private static func visit(
        _ key: Span<UInt8>, _ value: Span<UInt8>, _ body: (borrowing LogRecord) -> Bool
    ) -> Step {
        let version = key.bigEndian(at: 0, as: UInt64.self)
        guard let record = LogRecord(version: version, value) else { return .damaged(version) }
        return body(record) ? .goOn : .stop
    }
}

/// A version number as the log's key: eight bytes that sort as the number does.
struct VersionKey: Sendable {
    private let bytes: InlineArray<8, UInt8>

    init(_ version: UInt64) {
        bytes = InlineArray { index in UInt8(truncatingIfNeeded: version >> UInt64(56 - 8 * index)) }
    }

    var span: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { bytes.span }
    }
}
