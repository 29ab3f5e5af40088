/// Validates a text and writes its tape in one pass, without recursion.
///
/// All reading of raw memory on the way in is in this type. The pointers stay valid because `scan` runs inside
/// `withUnsafeBufferPointer` and the scanner never leaves it; every read of the text is preceded by a check against
/// `end`, and every write to the tape goes through `append`, which grows it.
///
/// While a container is open, its second word holds the count so far and the index of the container around it, so the
/// tape is its own stack.
@safe struct JSONScanner: ~Copyable {
    let text: UnsafePointer<UInt8>
    let end: Int
    var position = 0
    /// The tape so far; owned by the scanner until it is done.
    private(set) var words: UnsafeMutablePointer<UInt64>
    var count = 0
    private var capacity: Int
    private var open = JSONScanner.nothingOpen
    private var depth = 0
    private let depthMax: Int

    private static let nothingOpen = 0xFFFF_FFFF

    static func scan(_ source: [UInt8], limits: JSONLimits) throws(JSONError) -> JSONTape {
        guard source.count <= JSONLimits.textBytesMax else {
            throw JSONError(.tooLong, at: JSONLimits.textBytesMax)
        }
        return try unsafe source.withUnsafeBufferPointer { bytes throws(JSONError) in
            guard let base = bytes.baseAddress else { throw JSONError(.empty, at: 0) }
            var scanner = unsafe JSONScanner(base, count: bytes.count, limits: limits)
            try scanner.scanText()
            return scanner.finish(source)
        }
    }

    private init(_ text: UnsafePointer<UInt8>, count: Int, limits: JSONLimits) {
        unsafe self.text = text
        end = count
        depthMax = limits.depthMax
        // A usual document has a word for every eight to ten bytes.
        capacity = count / 7 + 8
        unsafe words = .allocate(capacity: capacity)
    }

    deinit {
        unsafe words.deallocate()
    }

    private consuming func finish(_ source: [UInt8]) -> JSONTape {
        let tape = unsafe JSONTape(text: source, words: words, count: count)
        discard self
        return tape
    }

    private mutating func scanText() throws(JSONError) {
        skipSpace()
        guard position < end else { throw JSONError(.empty, at: position) }
        repeat { try scanValue() } while try scanAfterValue()
    }

    /// Scans a scalar or an empty container, or opens containers up to the first value inside that is one.
    private mutating func scanValue() throws(JSONError) {
        while true {
            let byte = try byteAtPosition()
            switch byte {
            case UInt8(ascii: "\""):
                return try scanString()
            case UInt8(ascii: "{"):
                try openContainer(.object)
                if try byteAtPosition() == UInt8(ascii: "}") { return closeContainer() }
                try scanName()
            case UInt8(ascii: "["):
                try openContainer(.array)
                if try byteAtPosition() == UInt8(ascii: "]") { return closeContainer() }
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                return try scanNumber()
            case UInt8(ascii: "t"):
                return try scanLiteral("true", .trueLiteral)
            case UInt8(ascii: "f"):
                return try scanLiteral("false", .falseLiteral)
            case UInt8(ascii: "n"):
                return try scanLiteral("null", .null)
            default:
                throw JSONError(.unexpectedByte, at: position)
            }
        }
    }

    /// Scans what stands between one value and the next: closing brackets, a comma, a name. False at the text's end.
    private mutating func scanAfterValue() throws(JSONError) -> Bool {
        while true {
            skipSpace()
            guard open != Self.nothingOpen else {
                if position < end { throw JSONError(.trailingBytes, at: position) }
                return false
            }
            unsafe words[open + 1] &+= 1
            let isObject = unsafe JSONTapeEntry(word: words[open]).code == .object
            let byte = try byteAtPosition()
            if byte == UInt8(ascii: ",") {
                position += 1
                skipSpace()
                if isObject { try scanName() }
                return true
            }
            guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                throw JSONError(.unexpectedByte, at: position)
            }
            closeContainer()
        }
    }

    private mutating func openContainer(_ code: JSONTapeEntry.Code) throws(JSONError) {
        guard depth < depthMax else { throw JSONError(.tooDeep, at: position) }
        depth += 1
        let index = count
        append(JSONTapeEntry(code, offset: position, length: 0).word)
        append(UInt64(truncatingIfNeeded: open) << 32)
        open = index
        position += 1
        skipSpace()
    }

    /// Closes the innermost container at its bracket, which stands at the position.
    private mutating func closeContainer() {
        position += 1
        depth -= 1
        let entry = unsafe JSONTapeEntry(word: words[open])
        let state = unsafe words[open + 1]
        var children = Int(truncatingIfNeeded: state & 0xFFFF_FFFF)
        if entry.code == .object && children > 1 { children -= hideRepeatedNames(object: open, members: children) }
        unsafe words[open] = JSONTapeEntry(entry.code, offset: entry.offset, length: position - entry.offset).word
        unsafe words[open + 1] = UInt64(truncatingIfNeeded: count) << 32 | UInt64(truncatingIfNeeded: children)
        open = Int(truncatingIfNeeded: state >> 32)
    }

    private mutating func scanName() throws(JSONError) {
        guard try byteAtPosition() == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: position) }
        try scanString()
        skipSpace()
        guard try byteAtPosition() == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte, at: position) }
        position += 1
        skipSpace()
    }

    private mutating func scanLiteral(_ literal: StaticString, _ code: JSONTapeEntry.Code) throws(JSONError) {
        let start = position
        for offset in 0..<literal.utf8CodeUnitCount {
            position = start + offset
            guard try unsafe byteAtPosition() == literal.utf8Start[offset] else {
                throw JSONError(.unexpectedByte, at: position)
            }
        }
        position = start + literal.utf8CodeUnitCount
        append(JSONTapeEntry(code, offset: start, length: literal.utf8CodeUnitCount).word)
    }

    @inline(__always)
    func byteAtPosition() throws(JSONError) -> UInt8 {
        guard position < end else { throw JSONError(.unexpectedEnd, at: end) }
        return unsafe text[position]
    }

    @inline(__always)
    mutating func skipSpace() {
        while position < end {
            let byte = unsafe text[position]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }

    @inline(__always)
    mutating func append(_ word: UInt64) {
        if count == capacity { grow() }
        unsafe words[count] = word
        count += 1
    }

    @inline(never)
    private mutating func grow() {
        capacity *= 2
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity)
        unsafe larger.update(from: words, count: count)
        unsafe words.deallocate()
        unsafe words = larger
    }
}
