/// A response's header fields: names and values as NUL-ended strings in one buffer, as the C library takes them, so
/// that a field costs no allocation of its own.
///
/// A control character in a name or value (RFC 9110 section 5.5) becomes a space, so that no value can end its line
/// and begin a header or body of its own. Surrounding spaces mean nothing in HTTP; an empty value is left out.
public struct HTTPResponseHeaders: Sendable {
    /// `name NUL value NUL name NUL value NUL …`
    private(set) var bytes: [UInt8] = []

    public init() {}

    /// How many bytes all names and values take.
    public var byteCount: Int { bytes.count }

    /// Makes room for that many bytes of names and values, each with its closing NUL.
    public mutating func reserveCapacity(_ byteCount: Int) {
        bytes.reserveCapacity(byteCount)
    }

    public mutating func append(_ name: StaticString, _ value: StaticString) {
        if value.utf8CodeUnitCount == 0 { return }
        appendClean(name)
        appendClean(value)
    }

    public mutating func append(_ name: StaticString, _ value: String) {
        append(name, value.utf8)
    }

    @specialized(where Value == Int)
    @specialized(where Value == UInt64)
    public mutating func append<Value: BinaryInteger>(_ name: StaticString, _ value: Value) {
        appendClean(name)
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        appendDigits(of: value.magnitude)
        bytes.append(0)
    }

    private mutating func appendDigits<Number: BinaryInteger>(of number: Number) {
        if number > 9 { appendDigits(of: number / 10) }
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }

    /// Adds a field whose value is what `write` appends to the buffer it is given; without one where it appends
    /// nothing. What stands in the buffer before is not `write`'s to change.
    public mutating func append(_ name: StaticString, writing write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        appendClean(name)
        let valueStart = bytes.count
        write(&bytes)
        if bytes.count > valueStart { endText(from: valueStart) } else { bytes.removeSubrange(start...) }
    }

    @specialized(where Value == [UInt8])
    @specialized(where Value == ArraySlice<UInt8>)
    @specialized(where Value == String.UTF8View)
    public mutating func append<Value: Collection<UInt8>>(_ name: StaticString, _ value: Value) {
        if value.isEmpty { return }
        appendClean(name)
        appendText(value)
    }

    /// Adds a field whose name is not known when the program is written.
    public mutating func append(dynamicName name: String, _ value: String) {
        if name.isEmpty || value.isEmpty { return }
        appendText(name.utf8)
        appendText(value.utf8)
    }

    /// Adds what stands in the program, and so has no control characters.
    private mutating func appendClean(_ text: StaticString) {
        text.withUTF8Buffer { text in
            // Safe: a static string's bytes outlive the process's every use of them.
            unsafe bytes.append(contentsOf: text)
        }
        bytes.append(0)
    }

    private mutating func appendText(_ text: some Collection<UInt8>) {
        let start = bytes.count
        bytes.append(contentsOf: text)
        endText(from: start)
    }

    /// Ends the text that begins at a place and goes to the end.
    private mutating func endText(from start: Int) {
        // Control characters are rare.
        if Self.hasControl(bytes.span.extracting(start...)) {
            for index in start..<bytes.count where Self.isControl(bytes[index]) { bytes[index] = 0x20 }
        }
        bytes.append(0)
    }

    /// Looks at all bytes in any case: a loop that the compiler can widen.
    private static func hasControl(_ span: Span<UInt8>) -> Bool {
        var hasControl = false
        for index in span.indices where isControl(span[index]) { hasControl = true }
        return hasControl
    }

    private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }

    /// All fields in order, as text. For tests and for whoever passes a response on.
    public var all: [(name: String, value: String)] {
        var texts = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }[...]
        var fields: [(name: String, value: String)] = []
        while let name = texts.popFirst(), let value = texts.popFirst() { fields.append((name, value)) }
        return fields
    }

    /// The first value of that name, compared without regard to ASCII case.
    public subscript(_ name: String) -> String? {
        field(named: name).map { String(decoding: bytes[$0.value], as: UTF8.self) }
    }

    /// Whether there is a field of that name.
    public func contains(named name: String) -> Bool { field(named: name) != nil }

    /// Takes all fields of that name away.
    public mutating func removeAll(named name: String) {
        while let field = field(named: name) { bytes.removeSubrange(field.name.lowerBound...field.value.upperBound) }
    }

    private func field(named name: String) -> (name: Range<Int>, value: Range<Int>)? {
        let (span, wanted) = (bytes.span, name.utf8.span)
        var start = 0
        while start < span.count {
            let nameEnd = Self.textEnd(span, from: start)
            let end = Self.textEnd(span, from: nameEnd + 1)
            if areEqualIgnoringCase(span.extracting(start..<nameEnd), wanted) {
                return (start..<nameEnd, (nameEnd + 1)..<end)
            }
            start = end + 1
        }
        return nil
    }

    private static func textEnd(_ span: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while span[end] != 0 { end += 1 }
        return end
    }
}
