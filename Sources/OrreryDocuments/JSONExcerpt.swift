/// Takes a few members out of the texts of objects, without looking at the rest more closely than it takes to pass by.
///
/// It is for texts that were validated when they came in. What it copies is JSON as it stood; of text that is no JSON
/// it copies nonsense, but never reads or runs beyond it.
public struct JSONExcerpt: Sendable {
    private let names: [[UInt8]]

    /// - Parameter names: of the members that are wanted, in UTF-8.
    public init(names: some Sequence<[UInt8]>) {
        self.names = Array(names)
    }

    /// Appends an object of those members that a text's object has, repeated ones too.
    /// - Returns: false where the text has to be taken whole, because it is no object or has a name with escapes; then
    ///   nothing is appended.
    public func append(of text: Span<UInt8>, to excerpt: inout [UInt8]) -> Bool {
        unsafe text.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return false }
            let start = excerpt.count
            var scanner = unsafe MemberScanner(base, count: bytes.count)
            guard scanner.open() else { return false }
            excerpt.append(UInt8(ascii: "{"))
            while let name = scanner.nextName() {
                let isWanted = names.contains { scanner.isEqual(name, $0) }
                let end = scanner.passValue()
                guard isWanted else { continue }
                if excerpt.count > start + 1 { excerpt.append(UInt8(ascii: ",")) }
                scanner.append((name.lowerBound - 1)..<end, to: &excerpt)
            }
            guard scanner.isClosed else {
                excerpt.removeLast(excerpt.count - start)
                return false
            }
            excerpt.append(UInt8(ascii: "}"))
            return true
        }
    }
}

/// Walks an object's members. Every read is preceded by a check against the end, and the pointer stays valid because
/// the scanner does not leave the call that made it.
@safe private struct MemberScanner: ~Copyable {
    private let text: UnsafePointer<UInt8>
    private let end: Int
    private var position = 0
    /// Whether the walk came to the object's end.
    private(set) var isClosed = false

    init(_ text: UnsafePointer<UInt8>, count: Int) {
        unsafe self.text = text
        end = count
    }

    private var byte: UInt8? { position < end ? unsafe text[position] : nil }

    private mutating func skipSpace() {
        while let byte, byte <= 0x20 { position += 1 }
    }

    /// Whether the text is an object.
    mutating func open() -> Bool {
        skipSpace()
        guard byte == UInt8(ascii: "{") else { return false }
        position += 1
        return true
    }

    /// Goes to the next member's value; nil at the object's end, and at what is not understood.
    mutating func nextName() -> Range<Int>? {
        skipSpace()
        if byte == UInt8(ascii: ",") {
            position += 1
            skipSpace()
        }
        guard byte == UInt8(ascii: "\"") else {
            isClosed = byte == UInt8(ascii: "}")
            return nil
        }
        position += 1
        let start = position
        while let byte, byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\") { return nil }
            position += 1
        }
        let name = start..<position
        position += 1
        skipSpace()
        guard byte == UInt8(ascii: ":") else { return nil }
        position += 1
        skipSpace()
        return name
    }

    func isEqual(_ name: Range<Int>, _ other: [UInt8]) -> Bool {
        guard name.count == other.count else { return false }
        for index in 0..<other.count where unsafe text[name.lowerBound + index] != other[index] { return false }
        return true
    }

    /// Passes the value at the position; answers where it ends.
    mutating func passValue() -> Int {
        switch byte {
        case UInt8(ascii: "\""): passString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): passContainer()
        default:
            while let byte, byte > 0x20, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}") { position += 1 }
        }
        return position
    }

    private mutating func passContainer() {
        var depth = 0
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                passString()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            position += 1
            if depth == 0 { return }
        }
    }

    private mutating func passString() {
        position += 1
        while position < end {
            passPlainBytes()
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"): position += 2
            default: position += 1
            }
        }
        position = end
    }

    /// Goes to the next quote or backslash, looking at 32 bytes at a time; less than that before the end it stays.
    private mutating func passPlainBytes() {
        let (quote, slash) = (SIMD32(repeating: UInt8(ascii: "\"")), SIMD32(repeating: UInt8(ascii: "\\")))
        while position &+ 32 <= end {
            let block = unsafe UnsafeRawPointer(text + position).loadUnaligned(as: SIMD32<UInt8>.self)
            // All bits of a byte are set where it is one of the two; a mask has the size of what it is of.
            let words = unsafe unsafeBitCast((block .== quote) .| (block .== slash), to: SIMD4<UInt64>.self)
            for index in 0..<4 where words[index] != 0 {
                position &+= 8 &* index &+ words[index].littleEndian.trailingZeroBitCount >> 3
                return
            }
            position &+= 32
        }
    }

    func append(_ range: Range<Int>, to excerpt: inout [UInt8]) {
        unsafe excerpt.append(contentsOf: UnsafeBufferPointer(start: text + range.lowerBound, count: range.count))
    }
}
