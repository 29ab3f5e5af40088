/// A compressed set of version numbers: those of a run's range that are not live any more.
///
/// Numbers that share their upper 48 bits stand in one chunk: a sorted array of the lower 16 while there are few, a
/// bitmap of 8 KB from then on. A counter updated a million times costs one bit an update.
struct VersionSet: Sendable, Equatable {
    private enum Chunk: Sendable, Equatable {
        case list([UInt16])
        case bitmap([UInt64], count: Int)

        /// Above this a list would be larger than a bitmap.
        static let listMax = 4096
        static let bitmapWords = 1024

        var count: Int {
            switch self {
            case .list(let values): values.count
            case .bitmap(_, let count): count
            }
        }

        func contains(_ value: UInt16) -> Bool {
            switch self {
            case .list(let values): values.binaryContains(value)
            case .bitmap(let words, _): words[Int(value >> 6)] & (1 << UInt64(value & 63)) != 0
            }
        }

        /// Whether it was not there.
        mutating func insert(_ value: UInt16) -> Bool {
            switch self {
            case .list(var values):
                let index = values.firstIndex(notBefore: value)
                if index < values.count, values[index] == value { return false }
                self = .list([])
                values.insert(value, at: index)
                self = values.count <= Self.listMax ? .list(values) : .bitmap(Self.bits(values), count: values.count)
                return true
            case .bitmap(var words, let count):
                let mask: UInt64 = 1 << UInt64(value & 63)
                if words[Int(value >> 6)] & mask != 0 { return false }
                self = .list([])
                words[Int(value >> 6)] |= mask
                self = .bitmap(words, count: count + 1)
                return true
            }
        }

        var values: [UInt16] {
            switch self {
            case .list(let values): values
            case .bitmap(let words, _):
                (0..<Self.bitmapWords * 64).filter { words[$0 >> 6] & (1 << UInt64($0 & 63)) != 0 }.map { UInt16($0) }
            }
        }

        static func bits(_ values: [UInt16]) -> [UInt64] {
            var words = [UInt64](repeating: 0, count: bitmapWords)
            for value in values { words[Int(value >> 6)] |= 1 << UInt64(value & 63) }
            return words
        }
    }

    /// Chunks by their upper bits, ascending; the two arrays run in parallel.
    private var uppers: [UInt64] = []
    private var chunks: [Chunk] = []

    init() {}

    init(_ versions: some Sequence<UInt64>) {
        for version in versions { insert(version) }
    }

    /// How many numbers it holds.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    func contains(_ version: UInt64) -> Bool {
        guard count > 0 else { return false }
        let index = uppers.firstIndex(notBefore: version >> 16)
        guard index < uppers.count, uppers[index] == version >> 16 else { return false }
        return chunks[index].contains(UInt16(truncatingIfNeeded: version))
    }

    /// Adds a number. Answers whether it was not there.
    @discardableResult
    mutating func insert(_ version: UInt64) -> Bool {
        let upper = version >> 16
        var index = uppers.count
        if uppers.last != upper {
            index = uppers.firstIndex(notBefore: upper)
            if index == uppers.count || uppers[index] != upper {
                uppers.insert(upper, at: index)
                chunks.insert(.list([]), at: index)
            }
        } else {
            index -= 1
        }
        let isNew = chunks[index].insert(UInt16(truncatingIfNeeded: version))
        if isNew { count += 1 }
        return isNew
    }

    /// Adds all of another set.
    mutating func formUnion(_ other: VersionSet) {
        for version in other.versions { insert(version) }
    }

    /// All numbers, ascending.
    var versions: [UInt64] {
        var all: [UInt64] = []
        all.reserveCapacity(count)
        for (upper, chunk) in zip(uppers, chunks) {
            for value in chunk.values { all.append(upper << 16 | UInt64(value)) }
        }
        return all
    }

    // MARK: Stored form (Docs/FileFormat.md, "Version sets")

    private static let formatVersion: UInt32 = 1

    /// Format, number of chunks; per chunk its upper bits, its count less one, and its list or bitmap; a checksum.
    var encoded: [UInt8] {
        var encoder = ByteEncoder()
        encoder.append(Self.formatVersion)
        encoder.append(UInt32(chunks.count))
        for (upper, chunk) in zip(uppers, chunks) {
            encoder.append(upper)
            encoder.append(UInt32(chunk.count - 1))
            switch chunk {
            case .list(let values): for value in values { encoder.append(value) }
            case .bitmap(let words, _): for word in words { encoder.append(word) }
            }
        }
        var checksum = Checksum(seed: UInt64(count))
        checksum.add(encoder.bytes.span)
        encoder.append(checksum.value)
        return encoder.bytes
    }

    /// Reads the stored form back; nil when it is damaged or of another format.
    init?(encoded bytes: Span<UInt8>) {
        guard bytes.count >= 16 else { return nil }
        var decoder = ByteDecoder(bytes)
        guard decoder.number(UInt32.self) == Self.formatVersion, let chunkCount = decoder.number(UInt32.self) else {
            return nil
        }
        for _ in 0..<chunkCount {
            guard let upper = decoder.number(UInt64.self), let less = decoder.number(UInt32.self), less < 65536,
                uppers.last.map({ $0 < upper }) ?? true,
                let chunk = Self.chunk(count: Int(less) + 1, &decoder)
            else { return nil }
            uppers.append(upper)
            chunks.append(chunk)
            count += chunk.count
        }
        var checksum = Checksum(seed: UInt64(count))
        checksum.add(bytes.extracting(0..<(bytes.count - 8)))
        guard decoder.number(UInt64.self) == checksum.value else { return nil }
    }

    private static func chunk(count: Int, _ decoder: inout ByteDecoder) -> Chunk? {
        if count <= Chunk.listMax {
            var values: [UInt16] = []
            values.reserveCapacity(count)
            for _ in 0..<count {
                guard let value = decoder.number(UInt16.self) else { return nil }
                values.append(value)
            }
            return .list(values)
        }
        var words: [UInt64] = []
        words.reserveCapacity(Chunk.bitmapWords)
        for _ in 0..<Chunk.bitmapWords {
            guard let word = decoder.number(UInt64.self) else { return nil }
            words.append(word)
        }
        return .bitmap(words, count: count)
    }
}
