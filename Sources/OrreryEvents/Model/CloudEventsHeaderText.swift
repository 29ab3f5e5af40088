import OrreryHTTP

/// Header values of CloudEvents' binary mode: space, `"`, `%` and all but printable ASCII stand as `%XX` of their UTF-8
/// (HTTP binding, section 3.1.3.2).
enum CloudEventsHeaderText {
    /// The text of a header value; nil where the bytes are not UTF-8. A percent sign without two digits stands for
    /// itself, as the specification asks of receivers.
    static func text(_ value: String) -> String? {
        var bytes: [UInt8] = []
        var rest = value.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let high = digits.first.flatMap(PercentEncoding.hexadecimalDigit),
                let low = digits.last.flatMap(PercentEncoding.hexadecimalDigit)
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The header value of a text.
    static func encoded(_ text: String) -> String {
        PercentEncoding.encode(text.utf8) { byte in
            byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "%")
        }
    }
}
