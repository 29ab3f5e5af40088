/// Bytes as the key of a table, hashed as one: an array hashes its elements one after the other, which takes five times
/// as long.
public struct ByteKey: Hashable, Sendable {
    public let bytes: ArraySlice<UInt8>

    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    public init(_ bytes: [UInt8]) {
        self.init(bytes[...])
    }

    public func hash(into hasher: inout Hasher) {
        // Safe: the bytes are only read, and here.
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
}
