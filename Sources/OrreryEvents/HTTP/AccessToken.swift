import OrreryCrypto
import OrreryHTTP

/// A shared access signature: `r=<resource>&e=<expiry>&s=<signature>`, each percent-encoded. What is signed is the text
/// of the first two as it came, so it is never decoded before it is checked.
struct AccessToken: Sendable {
    let expiresSeconds: Int64
    private let signedText: [UInt8]
    private let signature: [UInt8]

    /// Reads a token; nil for what is none, or has an expiry that cannot be read.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        let marker = Array("&s=".utf8)
        guard let start = bytes.indices.last(where: { bytes[$0...].starts(with: marker) }) else { return nil }
        signedText = Array(bytes[..<start])
        guard let signature = try? PercentEncoding.text(bytes[(start + marker.count)...]),
            let decoded = Base64.decode(signature)
        else { return nil }
        self.signature = decoded
        let fields = signedText.split(separator: UInt8(ascii: "&"))
        guard fields.contains(where: { $0.starts(with: "r=".utf8) }),
            let expiry = fields.first(where: { $0.starts(with: "e=".utf8) }),
            let expires = (try? PercentEncoding.text(expiry.dropFirst(2))).flatMap(AccessTokenExpiry.seconds)
        else { return nil }
        expiresSeconds = expires
    }

    /// Whether a key (base64) made it.
    func isSigned(with key: String) -> Bool {
        guard let key = Base64.decode(key) else { return false }
        let expected = hmacSHA256(key: key, message: signedText)
        return constantTimeEqual(expected.bytes, signature)
    }
}

/// The forms in which clients write when a token ends.
enum AccessTokenExpiry {
    /// Seconds since 1970 of `2026-11-20 20:04:48.121260+00:00`, of a time in RFC 3339 with or without an offset (then
    /// UTC), of `11/20/2026 8:04:48 PM`, and of plain seconds; nil for anything else.
    static func seconds(_ text: String) -> Int64? {
        if let seconds = Int64(text) { return seconds }
        // In a query a plus sign may stand for a space, there where the date ends and before the offset's hours.
        for form in [text, withSpaces(text, at: [10]), withPlus(text)] {
            if let time = EventTime(form, assumesUTC: true) { return time.microseconds / 1_000_000 }
        }
        return american(text)
    }

    private static func withSpaces(_ text: String, at positions: [Int]) -> String {
        var characters = Array(text.utf8)
        for position in positions where position < characters.count && characters[position] == UInt8(ascii: "+") {
            characters[position] = UInt8(ascii: " ")
        }
        return String(decoding: characters, as: UTF8.self)
    }

    /// A space before the offset was a plus sign.
    private static func withPlus(_ text: String) -> String {
        var characters = Array(withSpaces(text, at: [10]).utf8)
        if let last = characters.lastIndex(of: UInt8(ascii: " ")), last > 10 { characters[last] = UInt8(ascii: "+") }
        return String(decoding: characters, as: UTF8.self)
    }

    /// `M/d/yyyy h:mm:ss AM`, as .NET writes it in its invariant culture.
    private static func american(_ text: String) -> Int64? {
        let parts = text.split { $0 == " " || $0 == "+" }
        guard parts.count == 2 || parts.count == 3 else { return nil }
        let date = parts[0].split(separator: "/").compactMap { Int($0) }
        let clock = parts[1].split(separator: ":").compactMap { Int($0) }
        guard date.count == 3, clock.count == 3, (0...9999).contains(date[2]) else { return nil }
        var hour = clock[0]
        if parts.count == 3 {
            let isAfternoon = parts[2].lowercased() == "pm"
            guard isAfternoon || parts[2].lowercased() == "am", (1...12).contains(hour) else { return nil }
            hour = hour % 12 + (isAfternoon ? 12 : 0)
        }
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let day = "\(padded(date[2], 4))-\(padded(date[0], 2))-\(padded(date[1], 2))"
        return EventTime("\(day)T\(padded(hour, 2)):\(padded(clock[1], 2)):\(padded(clock[2], 2))Z")
            .map { $0.microseconds / 1_000_000 }
    }
}
