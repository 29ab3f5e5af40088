internal import OrreryKeys

/// The text of an item as it will be stored and answered, with room for what only the commit knows.
///
/// The resource id, the entity tag and the timestamp have fixed widths, so the caller writes placeholders for them and
/// says where they stand; the commit fills them in once the write has its place in the order.
///
/// A class, for it is many references that every layer of a write's way hands on.
public final class ItemBody: Sendable {
    /// JSON text with the system properties in it, placeholders where the commit's own stand.
    public let text: [UInt8]
    /// What is to be indexed of it.
    let entries: IndexEntries
    /// Where the 24 characters of `_rid` start.
    let resourceIDOffset: Int
    /// Where the 24 characters of the resource id within `_self` start.
    let selfOffset: Int
    /// Where the 36 characters of `_etag`, within its escaped quotes, start.
    let etagOffset: Int
    /// Where the ten digits of `_ts` start.
    let timestampOffset: Int
    /// The item's own time to live: 0 where it says none, -1 where it says that it does not end.
    let timeToLiveSeconds: Int32

    /// How many characters a resource id has in the text.
    public static let resourceIDCount = 24
    /// How many digits a timestamp has in the text: enough until the year 2286.
    public static let timestampCount = 10

    /// Takes a text with its placeholders; nil when one of them would not lie within the text.
    public init?(
        text: [UInt8], resourceIDOffset: Int, selfOffset: Int, etagOffset: Int, timestampOffset: Int,
        entries: IndexEntries = .none, timeToLiveSeconds: Int32 = 0
    ) {
        func fits(_ offset: Int, _ count: Int) -> Bool { offset >= 0 && offset <= text.count - count }
        guard fits(resourceIDOffset, Self.resourceIDCount), fits(selfOffset, Self.resourceIDCount),
            fits(etagOffset, ItemEtag.textCount), fits(timestampOffset, Self.timestampCount)
        else { return nil }
        self.text = text
        self.entries = entries
        self.resourceIDOffset = resourceIDOffset
        self.selfOffset = selfOffset
        self.etagOffset = etagOffset
        self.timestampOffset = timestampOffset
        self.timeToLiveSeconds = timeToLiveSeconds
    }

    /// The text with its placeholders filled.
    func text(resourceID: ResourceID, etag: ItemEtag, timestampSeconds: Int64) -> [UInt8] {
        var text = text
        let resourceIDText = resourceID.textBytes
        var span = text.mutableSpan
        span.copy(resourceIDText.span, at: resourceIDOffset)
        span.copy(resourceIDText.span, at: selfOffset)
        etag.guid.write(to: &span, at: etagOffset)
        var rest = timestampSeconds
        for position in (0..<Self.timestampCount).reversed() {
            span[timestampOffset + position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return text
    }
}
