/// A SHA-256 digest or code: 32 bytes. Equality takes the same time wherever the bytes differ.
public struct Digest: Sendable, Hashable {
    private let storage: InlineArray<32, UInt8>

    init(_ storage: InlineArray<32, UInt8>) {
        self.storage = storage
    }

    /// A digest from its bytes; nil unless there are 32.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var storage = InlineArray<32, UInt8>(repeating: 0)
        for (index, byte) in bytes.enumerated() { storage[index] = byte }
        self.storage = storage
    }

    /// A digest from its hexadecimal digits, in either case; nil unless there are 64.
    public init?(hexadecimal text: String) {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 64, text.utf8.count == 64 else { return nil }
        storage = InlineArray { UInt8(digits[2 * $0] << 4 | digits[2 * $0 + 1]) }
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        storage.indices.map { storage[$0] }
    }

    /// The bytes as 64 lower-case hexadecimal digits.
    public var hex: String { bytes.hexadecimal }

    public static func == (left: Digest, right: Digest) -> Bool {
        var difference: UInt8 = 0
        for index in left.storage.indices { difference |= left.storage[index] ^ right.storage[index] }
        return difference == 0
    }

    public func hash(into hasher: inout Hasher) {
        // A digest's bytes are as good as random, and a few of them tell it from others.
        for index in 0..<8 { hasher.combine(storage[index]) }
    }
}
