/// A compressed set of version numbers: those of a run's range that are not live any more.
///
/// Numbers that share their upper 48 bits stand in one chunk: a sorted array of the lower 16 while there are few, a
/// bitmap of 8 KB from then on, and a sorted array of those that are missing once these are few. A counter updated a
/// million times costs a few hundred bytes.
struct VersionSet: Sendable, Equatable {
    private enum Chunk: Sendable, Equatable {
        case list([UInt16])
        case bitmap([UInt64], count: Int)
        /// All but these.
        case allBut([UInt16])

        /// Above this a list would be larger than a bitmap.
        static let listMax = 4096
        static let bitmapWords = 1024
        /// Above this a merge makes a bitmap of a list.
        static let searchedMax = 64
        static let size = 1 << 16

        var count: Int {
            switch self {
            case .list(let values): values.count
            case .bitmap(_, let count): count
            case .allBut(let missing): Self.size - missing.count
            }
        }

        func contains(_ value: UInt16) -> Bool {
            switch self {
            case .list(let values): values.binaryContains(value)
            case .bitmap(let words, _): words[Int(value >> 6)] & (1 << UInt64(value & 63)) != 0
            case .allBut(let missing): !missing.binaryContains(value)
            }
        }

        /// The first number from one on that it lacks; nil where it has all of them.
        func firstAbsent(from value: UInt16) -> UInt16? {
            switch self {
            case .list(let values):
                var index = values.firstIndex(notBefore: value)
                var wanted = Int(value)
                while index < values.count, Int(values[index]) == wanted {
                    index += 1
                    wanted += 1
                }
                return UInt16(exactly: wanted)
            case .bitmap(let words, _):
                var index = Int(value >> 6)
                var absent = ~words[index] & (~0 << UInt64(value & 63))
                while absent == 0 {
                    index += 1
                    if index == words.count { return nil }
                    absent = ~words[index]
                }
                return UInt16(exactly: index << 6 + absent.trailingZeroBitCount)
            case .allBut(let missing):
                let index = missing.firstIndex(notBefore: value)
                return index < missing.count ? missing[index] : nil
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
                self = count + 1 >= Self.size - Self.listMax
                    ? .allBut((0...UInt16.max).filter { words[Int($0 >> 6)] & (1 << UInt64($0 & 63)) == 0 })
                    : .bitmap(words, count: count + 1)
                return true
            case .allBut(var missing):
                let index = missing.firstIndex(notBefore: value)
                guard index < missing.count, missing[index] == value else { return false }
                self = .list([])
                missing.remove(at: index)
                self = .allBut(missing)
                return true
            }
        }

        var values: [UInt16] {
            switch self {
            case .list(let values): values
            case .bitmap(let words, _):
                (0..<Self.bitmapWords * 64).filter { words[$0 >> 6] & (1 << UInt64($0 & 63)) != 0 }.map { UInt16($0) }
            case .allBut(let missing):
                (0...UInt16.max).filter { !missing.binaryContains($0) }
            }
        }

        /// As a bitmap, where finding a number in a list takes many steps.
        var withFastSearch: Chunk {
            guard case .list(let values) = self, values.count > Self.searchedMax else { return self }
            return .bitmap(Self.bits(values), count: values.count)
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

    /// The same set, which takes more memory and finds numbers sooner: for merges, which look for each version once for
    /// every path. It is not to be stored.
    var withFastSearch: VersionSet {
        var set = self
        set.chunks = chunks.map(\.withFastSearch)
        return set
    }

    /// The first number from one on that it lacks.
    func firstAbsent(from version: UInt64) -> UInt64 {
        var version = version
        var index = uppers.firstIndex(notBefore: version >> 16)
        while index < uppers.count, uppers[index] == version >> 16 {
            if let low = chunks[index].firstAbsent(from: UInt16(truncatingIfNeeded: version)) {
                return (version >> 16) << 16 | UInt64(low)
            }
            version = (version >> 16 + 1) << 16
            index += 1
        }
        return version
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
        for (upper, chunk) in zip(other.uppers, other.chunks) {
            if uppers.last.map({ $0 < upper }) ?? true {
                uppers.append(upper)
                chunks.append(chunk)
                count += chunk.count
            } else {
                for value in chunk.values { insert(upper << 16 | UInt64(value)) }
            }
        }
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

    /// How many of its numbers lie in a range.
    func count(in range: ClosedRange<UInt64>) -> Int {
        var total = 0
        for (upper, chunk) in zip(uppers, chunks) {
            let (first, last) = (upper << 16, upper << 16 | 0xFFFF)
            if last < range.lowerBound || first > range.upperBound { continue }
            let isInside = range.contains(first) && range.contains(last)
            total += isInside ? chunk.count : chunk.values.count { range.contains(first | UInt64($0)) }
        }
        return total
    }

    // MARK: Stored form (Docs/FileFormat.md, "Version sets")

    private static let formatVersion: UInt32 = 2

    /// Format, number of chunks; per chunk its upper bits, its count less one, and its list, bitmap or list of
    /// the missing; a checksum.
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
            case .allBut(let missing): for value in missing { encoder.append(value) }
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
        if count <= Chunk.listMax { return list(count, &decoder).map { .list($0) } }
        if count >= Chunk.size - Chunk.listMax { return list(Chunk.size - count, &decoder).map { .allBut($0) } }
        var words: [UInt64] = []
        words.reserveCapacity(Chunk.bitmapWords)
        for _ in 0..<Chunk.bitmapWords {
            guard let word = decoder.number(UInt64.self) else { return nil }
            words.append(word)
        }
        return .bitmap(words, count: count)
    }

    private static func list(_ count: Int, _ decoder: inout ByteDecoder) -> [UInt16]? {
        var values: [UInt16] = []
        values.reserveCapacity(count)
        for _ in 0..<count {
            guard let value = decoder.number(UInt16.self) else { return nil }
            values.append(value)
        }
        return values
    }
}
