/// Versions of one posting key, on their way into a run. A key may have several lists, one behind the other.
struct PostingList {
    /// Path and value; see ``PostingKey``.
    var key: [UInt8] = []
    /// Whether the list before it is of another key.
    var isNewKey = false
    /// Ascending, behind those of the list before where that has the same key; at least one.
    var versions: [UInt64] = []

    /// Versions after which a list is handed over, though the key may have more.
    static let versionsMax = 4096
}
