import OrreryDocuments

/// What a scalar without quotes stands for (YAML 1.2.2, section 10.3.2, the core schema).
enum YAMLScalar {
    /// Nil for a number that JSON does not have, such as `.inf`.
    static func value(_ text: String) -> JSONValue? {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .boolean(true)
        case "false", "False", "FALSE": return .boolean(false)
        case ".nan", ".NaN", ".NAN": return nil
        default: break
        }
        let bytes = Array(text.utf8)
        let isSigned = bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+")
        let unsigned = Array(isSigned ? bytes[1...] : bytes[...])
        if [".inf", ".Inf", ".INF"].contains(where: { $0.utf8.elementsEqual(unsigned) }) { return nil }
        for (prefix, radix) in [("0o", 8), ("0x", 16)] where bytes.starts(with: prefix.utf8) && bytes.count > 2 {
            let digits = text.dropFirst(2)
            guard digits.allSatisfy({ $0.isASCII && $0.hexDigitValue.map { $0 < radix } == true }) else { break }
            return Int64(digits, radix: radix).map { .number(JSONNumber($0)) }
        }
        guard let number = decimal(unsigned) else { return .string(text) }
        return try? JSONValue(parsing: (bytes.first == UInt8(ascii: "-") ? "-" : "") + number)
    }

    /// A number as JSON writes it: nothing before the point is 0, nothing behind it is no point, and no zeros lead.
    private static func decimal(_ bytes: [UInt8]) -> String? {
        var rest = bytes[...]
        func digits() -> ArraySlice<UInt8> {
            let digits = rest.prefix { $0 &- UInt8(ascii: "0") < 10 }
            rest = rest.dropFirst(digits.count)
            return digits
        }
        let whole = digits()
        var part: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            part = digits()
        }
        guard !whole.isEmpty || !part.isEmpty else { return nil }
        let significant = whole.drop { $0 == UInt8(ascii: "0") }
        var text = significant.isEmpty ? "0" : String(decoding: significant, as: UTF8.self)
        if !part.isEmpty { text += "." + String(decoding: part, as: UTF8.self) }
        if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
            let exponent = rest
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard !digits().isEmpty else { return nil }
            text += String(decoding: exponent, as: UTF8.self)
        }
        return rest.isEmpty ? text : nil
    }
}
