/// Appends little-endian numbers and length-prefixed bytes: the plain language of every record on disk.
struct ByteEncoder {
    private(set) var bytes: [UInt8] = []

    mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        var rest = number
        for _ in 0..<(Number.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    mutating func append(raw content: [UInt8]) {
        bytes.append(contentsOf: content)
    }

    /// A 32-bit length, then the bytes.
    mutating func append(counted content: some Collection<UInt8>) {
        append(UInt32(content.count))
        bytes.append(contentsOf: content)
    }
}

/// Reads what ``ByteEncoder`` wrote, and answers nil rather than reading past the end.
struct ByteDecoder: ~Escapable {
    private let span: Span<UInt8>
    private var offset = 0

    @_lifetime(copy span)
    init(_ span: Span<UInt8>) {
        self.span = span
    }

    @_lifetime(self: copy self)
    mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type = Number.self) -> Number? {
        let size = Number.bitWidth / 8
        guard size <= span.count - offset else { return nil }
        let number = span.littleEndian(at: offset, as: type)
        offset += size
        return number
    }

    @_lifetime(self: copy self)
    mutating func counted() -> [UInt8]? {
        guard let count = number(UInt32.self) else { return nil }
        return bytes(Int(count))
    }

    @_lifetime(self: copy self)
    mutating func bytes(_ count: Int) -> [UInt8]? {
        guard count <= span.count - offset else { return nil }
        let found = [UInt8](copying: span.extracting(offset..<(offset + count)))
        offset += count
        return found
    }
}

extension Span<UInt8> {
    /// A number stored little-endian at any offset; the range is checked.
    func littleEndian<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Number.Type) -> Number {
        // Every bit pattern is an integer, and the raw span checks the range.
        Number(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    /// A number stored big-endian at any offset; the range is checked.
    func bigEndian<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Number.Type) -> Number {
        // Every bit pattern is an integer, and the raw span checks the range.
        Number(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}

extension [UInt8] {
    /// Adds a number so that the bytes sort as numbers do.
    mutating func append(bigEndian number: UInt64) {
        // An integer's bytes are plain, and the buffer lives as long as the call.
        unsafe Swift.withUnsafeBytes(of: number.bigEndian) { unsafe append(contentsOf: $0) }
    }

    init(copying span: Span<UInt8>) {
        unsafe self.init(unsafeUninitializedCapacity: span.count) { buffer, count in
            // The buffer has room for the span's count, and both are plain bytes.
            unsafe span.withUnsafeBufferPointer { source in
                _ = unsafe buffer.initialize(from: source)
            }
            count = span.count
        }
    }
}

extension Span<UInt8> {
    /// Whether both hold the same bytes.
    func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var offset = 0
        while offset + 8 <= count {
            guard littleEndian(at: offset, as: UInt64.self) == other.littleEndian(at: offset, as: UInt64.self) else {
                return false
            }
            offset += 8
        }
        while offset < count {
            guard self[offset] == other[offset] else { return false }
            offset += 1
        }
        return true
    }
}

extension MutableSpan<UInt8> {
    /// Writes a number little-endian at any offset; the range is checked.
    @_lifetime(self: copy self)
    mutating func store<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number, at offset: Int) {
        precondition(offset >= 0 && offset <= count - Number.bitWidth / 8)
        // The range was checked, and an integer's bytes may stand at any address when stored unaligned.
        unsafe withUnsafeMutableBytes { bytes in
            unsafe bytes.storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
        }
    }

    /// Copies bytes to an offset; the range is checked.
    @_lifetime(self: copy self)
    mutating func copy(_ source: Span<UInt8>, at offset: Int) {
        precondition(offset >= 0 && offset <= count - source.count)
        // The range was checked, and a span of shared bytes cannot overlap one that may be changed.
        unsafe withUnsafeMutableBytes { target in
            unsafe source.withUnsafeBytes { source in
                guard source.count > 0 else { return }
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: source)
            }
        }
    }
}
