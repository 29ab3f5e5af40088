/// Some versions of one posting key as a run keeps them: the first whole, of the others how far each is from the one
/// before (Docs/FileFormat.md, "Runs").
///
/// Versions of a value that many items have stand close together, so most take one byte, and one put writes some
/// hundred of them. LMDB sorts a key's values up to 511 bytes, and chunks sort by their first version.
struct VersionChunk {
    private(set) var bytes: [UInt8] = []
    private var last: UInt64 = 0
    /// How many versions it has.
    private(set) var count = 0

    private static let bytesMax = 510
    /// The first version; of several, how many they are stands behind it.
    private static let firstBytes = 8
    private static let headerBytes = 10
    /// What a difference of 64 bits takes at the most.
    private static let differenceBytesMax = 10

    init() {
        bytes.reserveCapacity(Self.bytesMax)
    }

    /// Adds a version that is higher than those before. Answers whether there was room for it.
    mutating func append(_ version: UInt64) -> Bool {
        if count == 0 {
            bytes.append(bigEndian: version)
        } else {
            if count == 1 { bytes += [0, 0] }
            if bytes.count > Self.bytesMax - Self.differenceBytesMax { return false }
            var difference = version &- last
            while difference >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: difference) | 0x80)
                difference >>= 7
            }
            bytes.append(UInt8(truncatingIfNeeded: difference))
        }
        last = version
        count += 1
        return true
    }

    /// Begins anew, in the room it has.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        count = 0
    }

    /// Ends it: ``bytes`` are the stored form then. There must be a version.
    mutating func close() {
        guard count > 1 else { return }
        bytes[Self.firstBytes] = UInt8(truncatingIfNeeded: count)
        bytes[Self.firstBytes + 1] = UInt8(truncatingIfNeeded: count >> 8)
    }

    // MARK: Stored form

    /// How many versions a stored chunk has.
    static func count(stored chunk: Span<UInt8>) -> Int {
        chunk.count > headerBytes ? Int(chunk.littleEndian(at: firstBytes, as: UInt16.self)) : 1
    }

    /// Adds those of a stored chunk's versions that are after one to `found`.
    static func read(_ chunk: Span<UInt8>, after floor: UInt64 = 0, into found: inout [UInt64]) {
        forEach(chunk) { if $0 > floor { found.append($0) } }
    }

    /// Gives the versions of a stored chunk, ascending.
    static func forEach(_ chunk: Span<UInt8>, _ body: (UInt64) -> Void) {
        guard chunk.count >= firstBytes else { return }
        var version = chunk.bigEndian(at: 0, as: UInt64.self)
        body(version)
        var offset = headerBytes
        while offset < chunk.count {
            var difference: UInt64 = 0
            var shift: UInt64 = 0
            while offset < chunk.count {
                let byte = chunk[offset]
                offset += 1
                difference |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { break }
                shift += 7
            }
            version &+= difference
            body(version)
        }
    }
}
