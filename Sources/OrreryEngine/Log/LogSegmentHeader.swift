/// What a log segment begins with.
///
/// | offset | bytes | content (little-endian) |
/// |---|---|---|
/// | 0 | 8 | the letters `orrylog` and a line feed |
/// | 8 | 8 | format version |
/// | 16 | 8 | version of the first record |
/// | 24 | 8 | the last version given before this segment |
/// | 32 | 8 | the last LSN given before |
/// | 40 | 8 | the last document number given before |
/// | 48 | 8 | the last timestamp given before, milliseconds since 1970 |
/// | 56 | 8 | nonce: seeds the checksums of this segment's groups, so that nothing a client writes looks like one |
/// | 64 | 8 | checksum of all that precedes |
struct LogSegmentHeader {
    static let byteCount = 72
    static let formatVersion: UInt64 = 1
    private static let letters = Array("orrylog\n".utf8)

    let firstVersion: UInt64
    let marks: LogSegment.Marks
    let nonce: UInt64

    /// What reading a header may come to.
    enum Reading {
        case header(LogSegmentHeader)
        case newer(UInt64)
        case unreadable

        func get(in path: String) throws(EngineError) -> LogSegmentHeader {
            switch self {
            case .header(let header): return header
            case .newer(let format):
                throw .newerFormat(
                    "\(path) is of format \(format) and this version reads up to \(formatVersion)")
            case .unreadable: throw .damaged("\(path) does not begin as a log segment")
            }
        }
    }

    static func reading(_ bytes: Span<UInt8>) -> Reading {
        guard bytes.count >= byteCount, bytes.extracting(0..<8).isEqual(to: letters.span) else { return .unreadable }
        let format = bytes.littleEndian(at: 8, as: UInt64.self)
        if format > formatVersion { return .newer(format) }
        guard bytes.littleEndian(at: 64, as: UInt64.self) == checksum(bytes) else { return .unreadable }
        return .header(
            LogSegmentHeader(
                firstVersion: bytes.littleEndian(at: 16, as: UInt64.self),
                marks: LogSegment.Marks(
                    version: bytes.littleEndian(at: 24, as: UInt64.self),
                    lsn: bytes.littleEndian(at: 32, as: UInt64.self),
                    documentNumber: bytes.littleEndian(at: 40, as: UInt64.self),
                    timestampMilliseconds: bytes.littleEndian(at: 48, as: Int64.self)),
                nonce: bytes.littleEndian(at: 56, as: UInt64.self)))
    }

    var encoded: [UInt8] {
        var bytes = Self.letters + [UInt8](repeating: 0, count: Self.byteCount - Self.letters.count)
        var span = bytes.mutableSpan
        span.store(Self.formatVersion, at: 8)
        span.store(firstVersion, at: 16)
        span.store(marks.version, at: 24)
        span.store(marks.lsn, at: 32)
        span.store(marks.documentNumber, at: 40)
        span.store(marks.timestampMilliseconds, at: 48)
        span.store(nonce, at: 56)
        span.store(Self.checksum(span.span), at: 64)
        return bytes
    }

    private static func checksum(_ bytes: Span<UInt8>) -> UInt64 {
        var checksum = Checksum(seed: 0)
        checksum.add(bytes.extracting(0..<64))
        return checksum.value
    }
}
