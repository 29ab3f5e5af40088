/// A 64-bit keyed hash over an item's key: where the item is found in the delta and in runs.
///
/// Keyed by the store's secret, so that nobody outside can choose ids that meet in one bucket. A match is always
/// verified against the log.
struct ItemHash: Sendable {
    let seed: UInt64

    func hash(_ key: ItemKey) -> UInt64 {
        var checksum = Checksum(seed: seed)
        checksum.add(key.bytes.span)
        return checksum.value
    }

    func hash(_ record: borrowing LogRecord) -> UInt64 {
        var checksum = Checksum(seed: seed)
        checksum.add(record.key)
        return checksum.value
    }
}
