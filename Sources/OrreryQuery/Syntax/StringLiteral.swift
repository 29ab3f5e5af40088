/// Reads the text between a string token's quotes, resolving `\" \' \\ \/ \b \f \n \r \t \uXXXX`.
enum StringLiteral {
    /// The string, or nil when an escape is malformed or names half of a surrogate pair.
    static func decode(_ body: ArraySlice<UInt8>) -> String? {
        guard body.contains(UInt8(ascii: "\\")) else { return String(validating: body, as: UTF8.self) }
        var units: [UInt16] = []
        var plain: [UInt8] = []
        var index = body.startIndex
        while index < body.endIndex {
            let byte = body[index]
            index += 1
            guard byte == UInt8(ascii: "\\") else {
                plain.append(byte)
                continue
            }
            guard index < body.endIndex, appendPlain(&plain, to: &units) else { return nil }
            let mark = body[index]
            index += 1
            if mark == UInt8(ascii: "u") {
                guard let unit = codeUnit(in: body, at: index) else { return nil }
                units.append(unit)
                index += 4
            } else {
                guard let unit = escapes[mark] else { return nil }
                units.append(unit)
            }
        }
        guard appendPlain(&plain, to: &units) else { return nil }
        return String(validating: units, as: UTF16.self)
    }

    private static let escapes: [UInt8: UInt16] = [
        UInt8(ascii: "\""): 0x22, UInt8(ascii: "'"): 0x27, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F,
        UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D,
        UInt8(ascii: "t"): 0x09,
    ]

    private static func appendPlain(_ plain: inout [UInt8], to units: inout [UInt16]) -> Bool {
        guard let text = String(validating: plain, as: UTF8.self) else { return false }
        units.append(contentsOf: text.utf16)
        plain.removeAll(keepingCapacity: true)
        return true
    }

    private static func codeUnit(in body: ArraySlice<UInt8>, at index: Int) -> UInt16? {
        guard index + 4 <= body.endIndex else { return nil }
        var unit: UInt16 = 0
        for byte in body[index..<index + 4] {
            guard let digit = Lexer.hexValue(byte) else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}
