public import OrreryKeys

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
    public static let textCount = GUID.textCount

    /// Parses the text form, without quotes; nil for any other text, which then matches no item.
    public init?(text: some Collection<UInt8>) {
        guard let guid = GUID(text: text) else { return nil }
        self.init(
            version: guid.high, nonce: UInt32(guid.low >> 32), timestampSeconds: Int64(guid.low & 0xFFFF_FFFF))
    }

    /// The tag as the GUID that its text, which has the shape of the service's, is the text of.
    public var guid: GUID { GUID(high: version, low: UInt64(nonce) << 32 | UInt64(timestampSeconds)) }

    /// The text form, without quotes.
    public var text: String {
        var text: [UInt8] = []
        guid.append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
