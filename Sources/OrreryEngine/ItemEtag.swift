/// An item's entity tag: sixteen bytes that no two versions share.
///
/// It is the version number, a random number drawn each time the partition is opened, and the timestamp: a version
/// number that is given a second time after a crash under relaxed durability still makes another tag.
public struct ItemEtag: Sendable, Hashable {
    let version: UInt64
    let nonce: UInt32
    let timestampSeconds: UInt32

    init(version: UInt64, nonce: UInt32, timestampSeconds: Int64) {
        self.version = version
        self.nonce = nonce
        self.timestampSeconds = UInt32(truncatingIfNeeded: timestampSeconds)
    }

    /// How many characters the text form has.
    public static let textCount = 36

    /// Parses the text form, without quotes; nil for any other text, which then matches no item.
    public init?(text: some Collection<UInt8>) {
        guard text.count == Self.textCount else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (position, character) in text.enumerated() {
            if Self.hyphens.contains(position) {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Self.value(ofDigit: character) else { return nil }
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(digit)
        }
        self.init(version: high, nonce: UInt32(low >> 32), timestampSeconds: Int64(low & 0xFFFF_FFFF))
    }

    /// The text form, in the shape of the service's: `00000000-0000-0000-0000-000000000000`, without quotes.
    public var textBytes: [UInt8] {
        var text = [UInt8](repeating: UInt8(ascii: "-"), count: Self.textCount)
        var span = text.mutableSpan
        let low = UInt64(nonce) << 32 | UInt64(timestampSeconds)
        var position = 0
        for digit in 0..<32 {
            if digit == 8 || digit == 12 || digit == 16 || digit == 20 { position += 1 }
            let half = digit < 16 ? version : low
            let value = UInt8(truncatingIfNeeded: half >> UInt64(60 - digit % 16 * 4)) & 0xF
            span[position] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
            position += 1
        }
        return text
    }

    /// The text form as a string.
    public var text: String { String(decoding: textBytes, as: UTF8.self) }

    private static let hyphens = [8, 13, 18, 23]

    private static func value(ofDigit character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
