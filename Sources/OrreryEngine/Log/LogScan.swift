/// Reads the groups of a segment that was not sealed, from its first to the last that is whole.
///
/// The last group may be torn: it was being written when the machine stopped, and nobody was told that it is durable.
/// Whatever else is not whole is damage. The two are told apart by what is left of a torn write: every sector of the
/// disk was written or not, those that were not are zeros still, or lie behind the end of the file, and nothing follows
/// a torn group.
struct LogScan {
    /// Where the records begin, in eights of bytes, from the segment's first version on.
    private(set) var offsets: [UInt32] = []
    /// The versions that hold checkpoints.
    private(set) var checkpoints: [UInt64] = []
    /// Where the next group goes.
    private(set) var end: Int

    private let file: LogFile
    private let nonce: UInt64
    private let firstVersion: UInt64

    /// The least that any disk writes whole.
    private static let sectorBytes = 512

    /// - Parameter isLast: whether nothing was written behind the groups. A crash may leave half a table behind
    ///   those of an earlier segment; that all its groups are there, its successor tells.
    /// - Throws: `damaged` where what is there was whole once and is not now.
    init(
        _ file: LogFile, from start: Int, nonce: UInt64, firstVersion: UInt64, isLast: Bool
    ) throws(EngineError) {
        (self.file, self.nonce, self.firstVersion, end) = (file, nonce, firstVersion, start)
        do throws(EngineError) {
            while let header = try header(at: end) {
                guard try take(header) else { break }
            }
        } catch {
            if isLast { throw error }
        }
        guard !isFollowed else { throw damage("is unreadable, but groups follow it") }
    }

    private var nextVersion: UInt64 { firstVersion + UInt64(offsets.count) }

    private func damage(_ what: String) -> EngineError {
        .damaged("\(file.path): the group of version \(nextVersion), at byte \(end), \(what)")
    }

    /// The header there; nil where the log ends.
    private func header(at offset: Int) throws(EngineError) -> LogGroupHeader? {
        let range = offset..<(offset + LogGroup.headerByteCount)
        let header = file.withBytes(range) { LogGroupHeader($0, nonce: nonce) }
        guard let header else {
            if isTorn(range) { return nil }
            throw damage("has a damaged header")
        }
        guard header.firstVersion == nextVersion else { throw damage("begins at version \(header.firstVersion)") }
        return header
    }

    /// Adds a group's records. Answers whether it was whole.
    private mutating func take(_ header: LogGroupHeader) throws(EngineError) -> Bool {
        let range = end..<(end + header.byteCount)
        var checkpoints: [UInt64] = []
        let found = file.withBytes(range) { Self.records(of: header, $0, nonce, &checkpoints) }
        guard let found else {
            if isTorn(range) { return false }
            throw damage("does not match its checksum")
        }
        for offset in found { offsets.append(UInt32(truncatingIfNeeded: (end + offset) / 8)) }
        self.checkpoints += checkpoints
        end = range.upperBound
        return true
    }

    /// Where the records of a group begin within it; nil where it is not whole.
    private static func records(
        of header: LogGroupHeader, _ bytes: Span<UInt8>, _ nonce: UInt64, _ checkpoints: inout [UInt64]
    ) -> [Int]? {
        guard bytes.count == header.byteCount else { return nil }
        var checksum = Checksum(seed: nonce)
        checksum.add(bytes.extracting(24..<32))
        var offsets: [Int] = []
        var offset = LogGroup.headerByteCount
        for number in 0..<header.recordCount {
            let rest = bytes.extracting(offset..<bytes.count)
            guard let byteCount = LogRecord.byteCount(rest) else { return nil }
            let version = header.firstVersion + UInt64(number)
            guard let record = LogRecord(version: version, rest.extracting(0..<byteCount)) else { return nil }
            if record.header.operation == .checkpoint { checkpoints.append(version) }
            checksum.add(rest.extracting(0..<8))
            offsets.append(offset)
            offset += LogGroup.filled(byteCount)
            guard offset <= bytes.count else { return nil }
        }
        return offset == bytes.count && checksum.value == header.checksum ? offsets : nil
    }

    /// Whether a part of this range was never written.
    private func isTorn(_ range: Range<Int>) -> Bool {
        if range.upperBound > file.byteCount { return true }
        return file.withBytes(range) { bytes in
            var start = 0
            while start < bytes.count {
                let sectorEnd = (range.lowerBound + start) / Self.sectorBytes * Self.sectorBytes + Self.sectorBytes
                let partEnd = min(sectorEnd - range.lowerBound, bytes.count)
                if bytes.extracting(start..<partEnd).isZero { return true }
                start = partEnd
            }
            return false
        }
    }

    /// Whether anything was written behind the end.
    var hasRemnant: Bool { file.withBytes(end..<max(end, file.byteCount)) { !$0.isZero } }

    /// Whether a later group stands anywhere behind the end. The nonce keeps documents from looking like one.
    private var isFollowed: Bool {
        file.withBytes(end..<max(end, file.byteCount)) { bytes in
            var offset = 0
            while offset + LogGroup.headerByteCount <= bytes.count {
                let header = LogGroupHeader(bytes.extracting(offset..<bytes.count), nonce: nonce)
                if let header, header.firstVersion > nextVersion { return true }
                offset += 8
            }
            return false
        }
    }
}

extension Span<UInt8> {
    fileprivate var isZero: Bool {
        for index in indices where self[index] != 0 { return false }
        return true
    }
}
