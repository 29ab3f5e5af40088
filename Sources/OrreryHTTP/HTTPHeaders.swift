import Glibc

/// A request's header fields, in order, in one buffer. Look-ups compare names without regard to ASCII case and
/// allocate nothing: a value comes back as a slice of the buffer.
public struct HTTPHeaders: Sendable {
    private struct Field: Sendable {
        let nameStart: Int
        let nameCount: Int
        let valueCount: Int

        var name: Range<Int> { nameStart..<(nameStart + nameCount) }
        var value: Range<Int> { (nameStart + nameCount)..<(nameStart + nameCount + valueCount) }
    }

    private var bytes: [UInt8] = []
    private var fields: [Field] = []
    /// One bit for each name there may be, for most look-ups are for names that there are not.
    private var names: UInt64 = 0

    public init() {}

    /// Fields from names and values, in order; a name may occur more than once.
    public init(_ fields: [(name: String, value: String)]) {
        for field in fields { append(name: field.name.utf8, value: field.value.utf8) }
    }

    mutating func reserveCapacity(fields fieldCount: Int, bytes byteCount: Int) {
        fields.reserveCapacity(fieldCount)
        bytes.reserveCapacity(byteCount)
    }

    /// Adds a field after those there are.
    public mutating func append(name: some Collection<UInt8>, value: some Collection<UInt8>) {
        let start = bytes.count
        bytes.append(contentsOf: name)
        let nameCount = bytes.count - start
        names |= Self.bit(ofNameEndingIn: bytes.last, count: nameCount)
        bytes.append(contentsOf: value)
        fields.append(Field(nameStart: start, nameCount: nameCount, valueCount: bytes.count - start - nameCount))
    }

    /// The number of fields.
    public var count: Int { fields.count }

    /// The bytes of all names and values together.
    var byteCount: Int { bytes.count }

    /// The first value of that name as bytes, or nil. `name` is compared without regard to ASCII case.
    public func bytes(_ name: StaticString) -> ArraySlice<UInt8>? {
        guard mayContain(name) else { return nil }
        let nameCount = name.utf8CodeUnitCount
        for field in fields where field.nameCount == nameCount && matches(field, name) {
            return bytes[field.value]
        }
        return nil
    }

    /// The first value of that name as text (invalid UTF-8 repaired), or nil.
    public subscript(_ name: StaticString) -> String? {
        bytes(name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// As above, for a name that is not known when the program is written.
    public func first(named name: String) -> String? {
        let name = name.utf8.span
        let field = fields.first { areEqualIgnoringCase(bytes.span.extracting($0.name), name) }
        return field.map { String(decoding: bytes[$0.value], as: UTF8.self) }
    }

    /// All values of that name, in order.
    public func values(named name: String) -> [String] {
        let name = name.utf8.span
        let found = fields.filter { areEqualIgnoringCase(bytes.span.extracting($0.name), name) }
        return found.map { String(decoding: bytes[$0.value], as: UTF8.self) }
    }

    /// Whether there is a field of that name.
    public func contains(named name: String) -> Bool {
        let name = name.utf8.span
        return fields.contains { areEqualIgnoringCase(bytes.span.extracting($0.name), name) }
    }

    /// Takes all fields of that name away.
    public mutating func removeAll(named name: String) {
        let name = name.utf8.span
        // What they were stays in the buffer, where nothing leads to it.
        let bytes = bytes
        fields.removeAll { areEqualIgnoringCase(bytes.span.extracting($0.name), name) }
    }

    /// How many fields have that name.
    public func count(of name: StaticString) -> Int {
        guard mayContain(name) else { return 0 }
        let nameCount = name.utf8CodeUnitCount
        return fields.count { $0.nameCount == nameCount && matches($0, name) }
    }

    /// All fields in order, as text. For logs, proxies and tests; the hot paths look fields up by name.
    public var all: [(name: String, value: String)] {
        fields.map { field in
            (String(decoding: bytes[field.name], as: UTF8.self), String(decoding: bytes[field.value], as: UTF8.self))
        }
    }

    private func mayContain(_ name: StaticString) -> Bool {
        let last = name.withUTF8Buffer { unsafe $0.last }
        return names & Self.bit(ofNameEndingIn: last, count: name.utf8CodeUnitCount) != 0
    }

    /// The bit that names of this ending and length share, with some others.
    private static func bit(ofNameEndingIn last: UInt8?, count: Int) -> UInt64 {
        1 << ((UInt64(asciiLowercased(last ?? 0)) &* 5 &+ UInt64(truncatingIfNeeded: count)) & 63)
    }

    private func matches(_ field: Field, _ name: StaticString) -> Bool {
        name.withUTF8Buffer { other in
            // Safe: a static string's bytes outlive every use of them.
            let other = unsafe Span(_unsafeElements: other)
            let own = bytes.span.extracting(field.name)
            // Many clients write names as they are written here.
            return areEqual(own, other) || areEqualIgnoringCase(own, other)
        }
    }
}

/// Whether two texts of one length are the same.
private func areEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    // Safe: both have that many bytes, or none is looked at.
    unsafe left.withUnsafeBytes { left in
        unsafe right.withUnsafeBytes { right in
            guard let first = left.baseAddress, let second = right.baseAddress else { return true }
            return unsafe memcmp(first, second, min(left.count, right.count)) == 0
        }
    }
}

/// Whether two texts are the same but for the case of ASCII letters.
func areEqualIgnoringCase(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    for index in left.indices where asciiLowercased(left[index]) != asciiLowercased(right[index]) { return false }
    return true
}

/// The byte with an ASCII capital made small; any other byte as it is.
func asciiLowercased(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
}
