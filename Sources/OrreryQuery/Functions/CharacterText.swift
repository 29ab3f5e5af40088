/// A string addressed by UTF-16 code units, as the language counts characters. Plain ASCII, the usual case, is
/// addressed by its bytes directly.
struct CharacterText {
    let bytes: [UInt8]
    private let isASCII: Bool
    private let units: [UInt16]

    init(_ string: String) {
        bytes = Array(string.utf8)
        isASCII = !bytes.contains { $0 >= 0x80 }
        units = isASCII ? [] : Array(string.utf16)
    }

    var count: Int { isASCII ? bytes.count : units.count }

    /// The characters in a range; half of a surrogate pair becomes U+FFFD.
    func text(in range: Range<Int>) -> String {
        let range = range.clamped(to: 0..<count)
        return isASCII
            ? String(decoding: bytes[range], as: UTF8.self) : String(decoding: units[range], as: UTF16.self)
    }

    func byteOffset(ofCharacter position: Int) -> Int {
        isASCII ? position : String(decoding: units[..<min(position, units.count)], as: UTF16.self).utf8.count
    }

    func character(atByteOffset offset: Int) -> Int {
        isASCII ? offset : String(decoding: bytes[..<offset], as: UTF8.self).utf16.count
    }
}

extension String {
    /// Every character by its one-to-one mapping; those that would become several stay as they are.
    func mapped(_ mapping: (Unicode.Scalar.Properties) -> String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            let image = mapping(scalar.properties).unicodeScalars
            if image.count == 1, let single = image.first { scalars.append(single) } else { scalars.append(scalar) }
        }
        return String(scalars)
    }

    var lowered: String { mapped(\.lowercaseMapping) }
    var uppered: String { mapped(\.uppercaseMapping) }
}
