public import OrreryDocuments

/// A document's value as bytes that sort as the values do: undefined < null < false < true < number < string < array <
/// object (query-language.md, section 3). What index keys are made of.
///
/// | value | bytes |
/// |---|---|
/// | undefined, null, false, true | 00, 01, 02, 03 |
/// | number | 05, then the double's bits in eight bytes, the most significant first, changed as said below |
/// | string | 08, then the UTF-8 with each 00 as 00 FF, then 00 00 |
/// | array, object | 0A, 0B: markers only, for their contents are indexed by path |
///
/// A number's sign bit is flipped, and where it was set all others too; minus zero counts as zero.
///
/// No encoding begins another, so encodings may follow one another in composite keys. One that is truncated is only
/// good for narrowing down: values that share it are told apart in the document.
public struct OrderedValue: Sendable, Hashable {
    /// The encoding.
    public let bytes: [UInt8]
    /// Whether the value is longer than fitted.
    public let isTruncated: Bool

    /// Encodes a value, nil being undefined, in at most `bytesMax` bytes; never less than nine, which numbers need.
    public init(_ node: JSONNode?, bytesMax: Int) {
        var bytes: [UInt8] = []
        isTruncated = Self.append(node, to: &bytes, bytesMax: bytesMax)
        self.bytes = bytes
    }

    /// The first byte of each type's encoding.
    public enum Tag: UInt8, Sendable {
        case undefined = 0x00
        case null = 0x01
        case booleanFalse = 0x02
        case booleanTrue = 0x03
        case number = 0x05
        case string = 0x08
        case array = 0x0A
        case object = 0x0B

        init(_ value: Bool) {
            self = value ? .booleanTrue : .booleanFalse
        }
    }

    /// Appends a value's encoding, nil being undefined, and says whether it had to be cut to `bytesMax` bytes.
    public static func append(_ node: JSONNode?, to bytes: inout [UInt8], bytesMax: Int) -> Bool {
        guard let node else {
            bytes.append(Tag.undefined.rawValue)
            return false
        }
        switch node.kind {
        case .null: bytes.append(Tag.null.rawValue)
        case .boolean: bytes.append(Tag(node.boolean ?? false).rawValue)
        case .number: append(number: node.double ?? 0, to: &bytes)
        case .array: bytes.append(Tag.array.rawValue)
        case .object: bytes.append(Tag.object.rawValue)
        case .string:
            let start = bytes.count
            append(string: node.stringBytes ?? [], to: &bytes)
            guard bytes.count - start > max(bytesMax, 9) else { return false }
            bytes.removeLast(bytes.count - start - max(bytesMax, 9))
            return true
        }
        return false
    }

    /// Appends a value's encoding, nil being undefined, and says whether it had to be cut to `bytesMax` bytes.
    public static func append(_ value: JSONValue?, to bytes: inout [UInt8], bytesMax: Int) -> Bool {
        switch value {
        case nil: bytes.append(Tag.undefined.rawValue)
        case .null: bytes.append(Tag.null.rawValue)
        case .boolean(let value): bytes.append(Tag(value).rawValue)
        case .number(let value): append(number: value.double, to: &bytes)
        case .array: bytes.append(Tag.array.rawValue)
        case .object: bytes.append(Tag.object.rawValue)
        case .string(let value):
            let start = bytes.count
            append(string: value.utf8, to: &bytes)
            guard bytes.count - start > max(bytesMax, 9) else { return false }
            bytes.removeLast(bytes.count - start - max(bytesMax, 9))
            return true
        }
        return false
    }

    /// Appends a number's encoding, minus zero as zero.
    public static func append(number: Double, to bytes: inout [UInt8]) {
        append(bitsOf: number == 0 ? 0 : number, to: &bytes)
    }

    static func append(bitsOf number: Double, to bytes: inout [UInt8]) {
        bytes.append(Tag.number.rawValue)
        let sign: UInt64 = 1 << 63
        let bits = number.bitPattern & sign == 0 ? number.bitPattern ^ sign : ~number.bitPattern
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
    }

    /// Appends a string's encoding from its UTF-8, uncut.
    public static func append(string: some Sequence<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(Tag.string.rawValue)
        for byte in string {
            bytes.append(byte)
            if byte == 0 { bytes.append(0xFF) }
        }
        bytes.append(0)
        bytes.append(0)
    }
}
