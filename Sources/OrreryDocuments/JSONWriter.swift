/// Appends JSON to a growing array of bytes and sets the commas.
///
/// It trusts its caller to nest containers properly and to write a name before each member's value.
public struct JSONWriter: Sendable {
    /// What has been written so far: UTF-8.
    public private(set) var bytes: [UInt8] = []
    /// Whether a comma must stand before the next element or name.
    private var needsComma = false
    private let escapesNonASCII: Bool

    /// - Parameter escapesNonASCII: writes characters beyond ASCII as `\u` escapes, which header values need.
    public init(escapesNonASCII: Bool = false, reservingBytes: Int = 0) {
        self.escapesNonASCII = escapesNonASCII
        bytes.reserveCapacity(reservingBytes)
    }

    /// Opens an object, as the next element or under the name just written.
    public mutating func beginObject() { open(UInt8(ascii: "{")) }

    /// Closes the innermost object.
    public mutating func endObject() { close(UInt8(ascii: "}")) }

    /// Opens an array, as the next element or under the name just written.
    public mutating func beginArray() { open(UInt8(ascii: "[")) }

    /// Closes the innermost array.
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// The name of the next member.
    public mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// The name of the next member as it stands in a document, its escapes kept.
    public mutating func name(_ name: JSONNode) {
        raw(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// `null`.
    public mutating func null() { literal("null") }

    /// `true` or `false`.
    public mutating func boolean(_ value: Bool) { literal(value ? "true" : "false") }

    /// A string, quoted and escaped.
    public mutating func string(_ value: String) {
        separate()
        quote(value)
        needsComma = true
    }

    /// A node's text, byte for byte.
    public mutating func raw(_ node: JSONNode) {
        separate()
        let isString = node.kind == .string
        if isString { bytes.append(UInt8(ascii: "\"")) }
        bytes.append(contentsOf: node.content)
        if isString { bytes.append(UInt8(ascii: "\"")) }
        needsComma = true
    }

    /// Bytes that are the valid JSON text of one value.
    public mutating func raw(_ text: [UInt8]) { raw(text[...]) }

    /// Bytes that are the valid JSON text of one value.
    public mutating func raw(_ text: ArraySlice<UInt8>) {
        separate()
        bytes.append(contentsOf: text)
        needsComma = true
    }

    /// Bytes that are the valid JSON text of one value.
    public mutating func raw(_ text: some Collection<UInt8>) { raw(Array(text)) }

    mutating func literal(_ text: String) {
        beginScalar()
        bytes.append(contentsOf: text.utf8)
    }

    /// Sets the comma before a scalar whose bytes are appended next.
    mutating func beginScalar() {
        separate()
        needsComma = true
    }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        if escapesNonASCII { appendASCII(text) } else { appendUTF8(text) }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendUTF8(_ text: String) {
        let utf8 = text.utf8
        let span = utf8.span
        var start = 0
        for position in span.indices where Self.needsEscape(span[position]) {
            bytes.append(contentsOf: span.extracting(start..<position))
            escape(span[position])
            start = position + 1
        }
        bytes.append(contentsOf: span.extracting(start..<span.count))
    }

    private mutating func appendASCII(_ text: String) {
        for scalar in text.unicodeScalars {
            if !scalar.isASCII {
                for unit in String(scalar).utf16 {
                    bytes.append(UInt8(ascii: "\\"))
                    appendHexadecimal(unit)
                }
            } else if Self.needsEscape(UInt8(scalar.value)) {
                escape(UInt8(scalar.value))
            } else {
                bytes.append(UInt8(scalar.value))
            }
        }
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// Writes the escape of an ASCII character that must not stand by itself.
    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default: appendHexadecimal(UInt16(byte))
        }
    }

    private mutating func appendHexadecimal(_ unit: UInt16) {
        bytes.append(UInt8(ascii: "u"))
        for shift in stride(from: 12, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: unit >> UInt16(shift) & 0xF)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
