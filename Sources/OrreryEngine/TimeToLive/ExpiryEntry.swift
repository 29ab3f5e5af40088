/// A version that says itself when it ends, by that second; sorted by second, then version.
///
/// Only an item's own time to live is indexed. A container's default needs no index, for versions rise with time: what
/// is due under it stands at the log's beginning, and changing it costs nothing.
struct ExpiryEntry: Sendable, Comparable, VersionedEntry {
    /// The first whole second since 1970 at which the version is over.
    let second: UInt64
    let version: UInt64

    init(second: UInt64, version: UInt64) {
        self.second = second
        self.version = version
    }

    /// The entry of a version; nil where it does not end by itself.
    init?(_ header: LogHeader) {
        guard header.timeToLiveSeconds > 0,
            let end = TimeToLivePolicy.itemsOwn.endMilliseconds(of: header), end > 0
        else { return nil }
        self.init(second: UInt64(end + 999) / 1000, version: header.version)
    }

    static func < (left: ExpiryEntry, right: ExpiryEntry) -> Bool {
        left.second != right.second ? left.second < right.second : left.version < right.version
    }
}
