internal import Synchronization

/// One file of a partition's log: a range of versions that rises without end until the segment is sealed.
///
/// Only appended to, a group at a time, so that a commit is one write and one flush. Its header carries the high-water
/// marks as they were when it was made: with them a log whose older segments are gone still never gives a number
/// twice. Where each record stands is kept in memory while the segment grows, and in the file once it is sealed.
final class LogSegment: Sendable {
    /// The numbers that must never be given again.
    struct Marks: Sendable, Equatable {
        var version: UInt64 = 0
        var lsn: UInt64 = 0
        var documentNumber: UInt64 = 0
        var timestampMilliseconds: Int64 = 0
    }

    /// Room for the sealing size and what may come before the next segment is made.
    static let mapBytes = 1 << 30
    /// Counts as the room of a segment that was given none.
    static let roomBytesMin = 1 << 20

    /// The version of its first record, whether or not that is written yet.
    let firstVersion: UInt64
    let marks: Marks
    let fileName: String
    /// The versions that held checkpoints when it was opened; nil where it was sealed, and its records not looked at.
    let scannedCheckpoints: [UInt64]?
    /// Versions of earlier segments that are dead by records which were trimmed here.
    let dead: VersionSet
    /// The room that it was given, and where that ends: behind what it held when it was opened.
    let roomBytes: Int
    let roomEnd: Int
    private let file: LogFile
    /// Behind the file, for what is declared last is let go last: then this is the only one that holds the file open
    /// when its disposal begins, and whoever lets go of the segment frees nothing.
    private let removal: FileRemoval
    private let nonce: UInt64
    private let state: Lock<State>
    /// Where the table of a sealed segment begins, which never changes again: whoever reads many records waits for
    /// nobody's look at it. 0 while the segment grows.
    private let sealedEnd = Atomic(0)
    /// How many records the table has; published before ``sealedEnd``.
    private let sealedCount = Atomic(0)

    /// Where the records are.
    private struct State {
        /// In eights of bytes, from the first version on. Empty once the segment is sealed.
        var offsets: [UInt32] = []
        /// Where the next group goes, or where the table of a sealed segment begins.
        var end: Int
        /// The number of records in the table, once the segment is sealed.
        var sealedCount: Int?
        /// The mean size of the last groups, the newest of which count most.
        var groupBytes = 0
    }

    static func fileName(number: UInt64) -> String { "log-\(number)" }

    /// Makes a segment, durable when this returns but for its name.
    /// - Parameter room: what it is to be written over.
    init(
        making fileName: String, in directory: String, firstVersion: UInt64, marks: Marks, room: LogRoom? = nil
    ) throws(EngineError) {
        (self.fileName, self.firstVersion, self.marks) = (fileName, firstVersion, marks)
        let path = directory + "/" + fileName
        removal = FileRemoval(path: path)
        roomBytes = room?.byteCount ?? Self.roomBytesMin
        roomEnd = roomBytes
        nonce = UInt64.random(in: 0...UInt64.max)
        scannedCheckpoints = []
        dead = VersionSet()
        let header = LogSegmentHeader(firstVersion: firstVersion, marks: marks, nonce: nonce)
        state = Lock(State(end: LogSegmentHeader.byteCount))
        do throws(EngineError) {
            try room?.move(to: path)
            file = try LogFile(path: path, isNew: room == nil, mapBytes: Self.mapBytes)
            try file.append(header.encoded, at: 0)
        } catch {
            removal.arm()
            throw error
        }
    }

    /// Opens a segment.
    /// - Parameter isLast: whether it will be appended to; only such a one may end in a torn group.
    init(
        opening fileName: String, in directory: String, firstVersion: UInt64, isLast: Bool
    ) throws(EngineError) {
        self.fileName = fileName
        removal = FileRemoval(path: directory + "/" + fileName)
        file = try LogFile(path: directory + "/" + fileName, isNew: false, mapBytes: Self.mapBytes)
        let reading = file.withBytes(0..<LogSegmentHeader.byteCount) { LogSegmentHeader.reading($0) }
        let header = try reading.get(in: file.path)
        guard header.firstVersion == firstVersion else {
            throw .damaged("\(file.path) begins at version \(header.firstVersion), not \(firstVersion)")
        }
        (self.firstVersion, marks, nonce) = (firstVersion, header.marks, header.nonce)
        if let table = LogTable(file, nonce: nonce) {
            state = Lock(State(end: table.offset, sealedCount: table.count))
            (roomBytes, roomEnd) = (0, table.offset)
            scannedCheckpoints = nil
            dead = table.dead
            publishTable(at: table.offset, count: table.count)
        } else {
            let scan = try LogScan(
                file, from: LogSegmentHeader.byteCount, nonce: nonce, firstVersion: firstVersion, isLast: isLast)
            state = Lock(State(offsets: scan.offsets, end: scan.end))
            (roomBytes, roomEnd) = (Self.roomBytesMin, scan.end + Self.roomBytesMin)
            scannedCheckpoints = scan.checkpoints
            dead = VersionSet()
            // What is left of a torn group must not be taken for one that was whole.
            if isLast { try file.truncate(to: scan.end, flushes: scan.hasRemnant) }
        }
    }

    /// Makes a copy of a sealed segment without some of its versions, durable when this returns but for its name.
    /// - Parameters:
    ///   - keeps: whether a record stays. Asked once for each, in order; what it throws ends the copying.
    ///   - dead: the versions of earlier segments that are dead by what goes; asked at the end.
    init(
        trimming source: LogSegment, to fileName: String, in directory: String,
        keeps: (borrowing LogRecord) throws(EngineError) -> Bool, dead: () throws(EngineError) -> VersionSet
    ) throws(EngineError) {
        (self.fileName, firstVersion, marks) = (fileName, source.firstVersion, source.marks)
        let path = directory + "/" + fileName
        removal = FileRemoval(path: path)
        scannedCheckpoints = nil
        nonce = UInt64.random(in: 0...UInt64.max)
        do throws(EngineError) {
            file = try LogFile(path: path, isNew: true, mapBytes: Self.mapBytes)
            try file.append(LogSegmentHeader(firstVersion: firstVersion, marks: marks, nonce: nonce).encoded, at: 0)
            var copy = LogCopy(file, from: LogSegmentHeader.byteCount, nonce: nonce, firstVersion: firstVersion)
            var failure: EngineError?
            _ = try source.walk(after: source.firstVersion - 1) { record in
                do throws(EngineError) {
                    if try keeps(record) { try copy.add(record) }
                } catch {
                    failure = error
                }
                return failure == nil
            }
            if let failure { throw failure }
            let count = source.lastVersion.map { $0 - source.firstVersion + 1 } ?? 0
            let (offsets, end) = try copy.finish(count: Int(count))
            self.dead = try dead()
            let table = LogTable.encoded(offsets, dead: self.dead, at: end, nonce: nonce)
            try file.append(table, at: end)
            state = Lock(State(end: end, sealedCount: offsets.count))
            (roomBytes, roomEnd) = (0, end)
            publishTable(at: end, count: offsets.count)
        } catch {
            removal.arm()
            throw error
        }
    }

    /// Has the file removed when nobody reads it any more.
    func removeWhenUnused() {
        removal.arm()
    }

    /// Removes the file's name, for its folder is to go; the file goes when nobody reads it any more.
    func removeName() {
        removal.removeName()
    }

    /// Whether a file holds more than the header of a segment.
    static func hasGroups(_ path: String) throws(EngineError) -> Bool {
        guard try DurableFile.exists(path) else { return false }
        return try LogFile(path: path, isNew: false, mapBytes: mapBytes).byteCount > LogSegmentHeader.byteCount
    }

    var path: String { file.path }

    /// The size of what is in use, in bytes.
    var usedBytes: Int { state.withLock { $0.end } }

    /// About the size of its last groups, in bytes.
    var groupBytes: Int { state.withLock { $0.groupBytes } }

    /// The last version written; nil while there is none.
    var lastVersion: UInt64? {
        let count = state.withLock { $0.sealedCount ?? $0.offsets.count }
        return count > 0 ? firstVersion + UInt64(count) - 1 : nil
    }

    /// How many of its versions are there, and how many were trimmed.
    var versionCounts: (present: Int, trimmed: Int) {
        var next = firstVersion
        var trimmed = 0
        while let places = places(from: next, count: 1 << 16) {
            trimmed += places.offsets.count { $0 == 0 }
            next += UInt64(places.offsets.count)
        }
        return (Int(next - firstVersion) - trimmed, trimmed)
    }

    // MARK: Writing

    /// Appends a group, which is durable when this returns. The caller sees to it that there is one at a time.
    /// - Parameter meanwhile: what is to be done while the disk writes.
    func append(_ group: consuming LogGroup, meanwhile: () -> Void = {}) throws(EngineError) {
        group.close(nonce: nonce)
        let (end, next) = state.withLock { ($0.end, firstVersion + UInt64($0.offsets.count)) }
        // Elsewhere its records would be found under other numbers, and the segment could not be opened again.
        guard group.firstVersion == next else {
            throw .storage("\(file.path) goes on at version \(next), and not at \(group.firstVersion)")
        }
        try file.append(group.bytes, at: end, meanwhile: meanwhile)
        state.withLock { state in
            for offset in group.recordOffsets { state.offsets.append(UInt32(truncatingIfNeeded: (end + offset) / 8)) }
            state.end = end + group.bytes.count
            let share = state.groupBytes == 0 ? 1 : Self.groupsMeant
            state.groupBytes += (group.bytes.count - state.groupBytes) / share
        }
    }

    /// Over about how many groups their mean size goes.
    private static let groupsMeant = 8

    /// Ends the segment: writes the table of its records behind them and lets go of the one in memory. Nothing may be
    /// appended any more.
    func seal() throws(EngineError) {
        let (offsets, end, isSealed) = state.withLock { ($0.offsets, $0.end, $0.sealedCount != nil) }
        // Another table would be an empty one.
        if isSealed { return }
        try file.truncate(to: end, flushes: false)
        try file.append(LogTable.encoded(offsets, at: end, nonce: nonce), at: end)
        state.withLock { $0 = State(end: end, sealedCount: offsets.count) }
        publishTable(at: end, count: offsets.count)
    }

    private func publishTable(at end: Int, count: Int) {
        sealedCount.store(count, ordering: .relaxed)
        sealedEnd.store(end, ordering: .releasing)
    }

    // MARK: Reading

    /// Whether it has a version: not one that was trimmed.
    func contains(_ version: UInt64) -> Bool {
        guard version >= firstVersion, let places = places(from: version, count: 1) else { return false }
        return places.offsets.first ?? 0 > 0
    }

    /// Reads one version and hands it to `body`. Nil when there is none of that number.
    func withRecord<Result>(
        _ version: UInt64, _ body: (borrowing LogRecord) -> Result
    ) throws(EngineError) -> Result? {
        guard version >= firstVersion, let place = place(of: version), place.offset > 0 else { return nil }
        guard let result = read(version, at: place.offset, before: place.end, body) else { throw damage(version) }
        return result
    }

    /// The number that orders items by `_rid`, of a version's item; nil where there is no such version. The record is
    /// not checked: that is for whoever reads the item after this.
    func documentNumber(of version: UInt64) -> UInt64? {
        offset(of: version).flatMap { offset in
            file.withBytes(offset..<(offset + LogHeader.byteCount)) { LogRecord.documentNumber($0) }
        }
    }

    /// Where a version's record begins; nil where there is none.
    func offset(of version: UInt64) -> Int? {
        guard version >= firstVersion, let place = place(of: version) else { return nil }
        return place.offset > 0 && place.offset < place.end ? place.offset : nil
    }

    /// The byte at an offset.
    func byte(at offset: Int) -> Int {
        file.withBytes(offset..<(offset + 1)) { $0.isEmpty ? 0 : Int($0[0]) }
    }

    /// Reads a byte of each line of the cache that a record takes, of a long one of the first ones. Answers their sum.
    func touchRecord(at offset: Int) -> Int {
        file.withBytes(offset..<(offset + Self.touchedBytesMax)) { bytes in
            let byteCount = LogRecord.byteCount(bytes) ?? bytes.count
            return stride(from: 0, to: byteCount, by: Self.cacheLineBytes).reduce(0) { $0 &+ Int(bytes[$1]) }
        }
    }

    private static let touchedBytesMax = 4096
    private static let cacheLineBytes = 64

    /// Walks the versions after `version`, in order, until `body` answers false. Answers whether the end was reached.
    func walk(
        after version: UInt64, _ body: (borrowing LogRecord) -> Bool
    ) throws(EngineError) -> Bool {
        guard version < .max else { return true }
        var next = max(version + 1, firstVersion)
        while let places = places(from: next, count: Self.stepCount) {
            for offset in places.offsets {
                defer { next += 1 }
                if offset == 0 { continue }
                guard let goesOn = read(next, at: offset, before: places.end, body) else { throw damage(next) }
                if !goesOn { return false }
            }
        }
        return true
    }

    /// Versions whose places are looked up at once by a walk.
    private static let stepCount = 256

    private func damage(_ version: UInt64) -> EngineError {
        .damaged("\(file.path): version \(version) does not match its checksum")
    }

    /// Where a record begins, in bytes, and where the last record ends; nil where there is no such record. Queries ask
    /// for many, from several threads, so little is done under the lock, and nothing once the segment is sealed. A
    /// query that stood in line for each would take milliseconds instead of microseconds, hence a `Lock`.
    private func place(of version: UInt64) -> (offset: Int, end: Int)? {
        guard let index = Int(exactly: version - firstVersion) else { return nil }
        let sealedEnd = sealedEnd.load(ordering: .acquiring)
        if sealedEnd > 0 {
            guard index < sealedCount.load(ordering: .relaxed) else { return nil }
            return (LogTable.offset(index, in: file, at: sealedEnd), sealedEnd)
        }
        return state.withLock { state in
            // It may have been sealed just now.
            if let count = state.sealedCount {
                return index < count ? (LogTable.offset(index, in: file, at: state.end), state.end) : nil
            }
            return index < state.offsets.count ? (Int(state.offsets[index]) * 8, state.end) : nil
        }
    }

    /// Where some records begin, in bytes, and where the last record ends; nil where there is none.
    private func places(from version: UInt64, count: Int) -> (offsets: [Int], end: Int)? {
        guard let first = Int(exactly: version - firstVersion) else { return nil }
        return state.withLock { state in
            let total = state.sealedCount ?? state.offsets.count
            guard first < total else { return nil }
            let range = first..<min(first + count, total)
            if state.sealedCount != nil {
                return (LogTable.offsets(range, in: file, at: state.end), state.end)
            }
            return (state.offsets[range].map { Int($0) * 8 }, state.end)
        }
    }

    private func read<Result>(
        _ version: UInt64, at offset: Int, before end: Int, _ body: (borrowing LogRecord) -> Result
    ) -> Result? {
        guard offset < end else { return nil }
        return file.withBytes(offset..<end) { bytes in
            guard let byteCount = LogRecord.byteCount(bytes),
                let record = LogRecord(version: version, bytes.extracting(0..<byteCount))
            else { return nil }
            return body(record)
        }
    }
}
