internal import Glibc

/// When the clocks of a place were and will be changed, as the system's time zone files tell (RFC 9636). Behind the
/// last change that a file lists, the clocks stay as they are.
public struct TimeZoneRules: Sendable, Equatable {
    /// When each offset begins, in seconds since 1970.
    private var times: [Int64] = []
    /// The offset from each of those times on, in seconds east of Greenwich.
    private var offsets: [Int64] = []
    /// The offset before the first of them.
    private var firstOffset: Int64 = 0

    /// No offset, ever.
    public static let utc = TimeZoneRules()

    private init() {}

    /// The rules of a place, such as `Europe/Berlin`; nil where the system knows none of this name.
    public init?(named name: String, folder: String = "/usr/share/zoneinfo") {
        if name == "UTC" {
            self.init()
            return
        }
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "+"): true
            default: false
            }
        }
        // Without dots no name leaves the folder.
        guard isName, !name.hasPrefix("/"), let bytes = Self.content(of: folder + "/" + name) else { return nil }
        self.init(file: bytes)
    }

    /// Reads a file; nil where it is none.
    init?(file: [UInt8]) {
        // The first block has times of 32 bits, the second the same of 64.
        guard let first = Header(file, at: 0), first.version >= UInt8(ascii: "2"),
            let header = Header(file, at: first.end(timeBytes: 4))
        else { return nil }
        var offset = header.start
        for index in 0..<header.timeCount { times.append(Self.number(file, at: offset + index * 8, byteCount: 8)) }
        offset += header.timeCount * 8
        let kinds = file[offset..<(offset + header.timeCount)]
        offset += header.timeCount
        let kindOffsets = (0..<header.kindCount).map { Self.number(file, at: offset + $0 * 6, byteCount: 4) }
        guard let initial = kindOffsets.first, kinds.allSatisfy({ Int($0) < kindOffsets.count }) else { return nil }
        offsets = kinds.map { kindOffsets[Int($0)] }
        firstOffset = initial
    }

    /// The offset at a time, in seconds east of Greenwich.
    public func offsetSeconds(at time: Int64) -> Int64 {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] <= time { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? offsets[low - 1] : firstOffset
    }

    /// The moment at which the clocks show a local time, counted as if it were UTC; the first of two, nil for none.
    func moment(ofLocalSeconds local: Int64) -> Int64? {
        // No offset is more than a day.
        let candidates = Set([offsetSeconds(at: local - 86_400), offsetSeconds(at: local + 86_400)])
        return candidates.map { local - $0 }.filter { $0 + offsetSeconds(at: $0) == local }.min()
    }

    private struct Header {
        let version: UInt8
        let start: Int
        private let counts: [Int]
        var timeCount: Int { counts[3] }
        var kindCount: Int { counts[4] }

        /// Nil where there is none, or where the file ends before its block does.
        init?(_ file: [UInt8], at offset: Int) {
            guard offset >= 0, file.count >= offset + 44, file[offset..<(offset + 4)].elementsEqual("TZif".utf8) else {
                return nil
            }
            version = file[offset + 4]
            counts = (0..<6).map { Int(clamping: number(file, at: offset + 20 + $0 * 4, byteCount: 4)) }
            start = offset + 44
            guard counts.allSatisfy({ (0...1_000_000).contains($0) }),
                file.count >= end(timeBytes: offset == 0 ? 4 : 8)
            else { return nil }
        }

        /// Where the block behind the header ends.
        func end(timeBytes: Int) -> Int {
            start + counts[3] * (timeBytes + 1) + counts[4] * 6 + counts[5] + counts[2] * (timeBytes + 4) + counts[1]
                + counts[0]
        }
    }

    private static func number(_ file: [UInt8], at offset: Int, byteCount: Int) -> Int64 {
        var value: UInt64 = 0
        for byte in file[offset..<(offset + byteCount)] { value = value << 8 | UInt64(byte) }
        return byteCount == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    }

    private static func content(of path: String) -> [UInt8]? {
        guard let file = unsafe fopen(path, "r") else { return nil }
        defer { unsafe fclose(file) }
        // No time zone's file comes near this.
        var bytes = [UInt8](repeating: 0, count: 1 << 18)
        // The buffer is the array's own and its size is given.
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return Array(bytes.prefix(count))
    }
}
