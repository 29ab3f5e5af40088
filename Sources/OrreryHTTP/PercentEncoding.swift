/// Percent-encoding (RFC 3986 section 2.1) of bytes in targets and header values.
public enum PercentEncoding {
    /// Decodes text. `+` stays `+`: only forms give it another meaning.
    @specialized(where Encoded == ArraySlice<UInt8>)
    public static func text<Encoded: Collection<UInt8>>(_ encoded: Encoded) throws(HTTPPathError) -> String {
        let isPlain = !encoded.contains(UInt8(ascii: "%"))
        let text = isPlain
            ? String(validating: encoded, as: UTF8.self) : String(validating: try bytes(encoded), as: UTF8.self)
        guard let text else { throw .notUTF8 }
        return text
    }

    /// Decodes bytes.
    @specialized(where Encoded == [UInt8])
    @specialized(where Encoded == ArraySlice<UInt8>)
    public static func bytes<Encoded: Collection<UInt8>>(_ encoded: Encoded) throws(HTTPPathError) -> [UInt8] {
        guard encoded.contains(UInt8(ascii: "%")) else { return Array(encoded) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(encoded.count)
        var iterator = encoded.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = iterator.next().flatMap(hexadecimalDigit),
                let low = iterator.next().flatMap(hexadecimalDigit)
            else { throw .badPercentEncoding }
            decoded.append(high << 4 | low)
        }
        return decoded
    }

    /// Encodes all but the unreserved characters (RFC 3986 section 2.3).
    @specialized(where Bytes == String.UTF8View)
    @specialized(where Bytes == [UInt8])
    public static func encode<Bytes: Collection<UInt8>>(_ bytes: Bytes) -> String {
        encode(bytes, but: isUnreserved)
    }

    /// Encodes a path, which keeps its slashes.
    public static func encode(path: String) -> String {
        encode(path.utf8) { isUnreserved($0) || $0 == UInt8(ascii: "/") }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// Encodes all bytes but those that are kept, which are ASCII.
    @specialized(where Bytes == String.UTF8View)
    public static func encode<Bytes: Collection<UInt8>>(_ bytes: Bytes, but isKept: (UInt8) -> Bool) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count)
        for byte in bytes {
            if isKept(byte) {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(digits[Int(byte >> 4)])
                encoded.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// What a hexadecimal digit, in either case, stands for; nil for another character.
    public static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
