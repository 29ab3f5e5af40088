internal import Synchronization

/// Says of a hash that a delta surely lacks it, or may have it, as ``BloomFilter`` does for a run: a new id is known to
/// be new without a search through every batch.
///
/// It grows with the delta, and all views have the same one. An earlier view may be told of what came later, and
/// searches in vain then.
final class DeltaFilter: Sendable {
    /// Sixteen bits an entry for a delta of the usual size. A larger one is searched in vain more often.
    private static let blockCount = 1024
    private static let wordsPerBlock = 8

    private let words = InlineArray<8192, Atomic<UInt64>> { _ in Atomic(0) }

    /// Adds the hashes of a batch, before a view has it. By one thread at a time.
    func insert(_ batch: DeltaBatch) {
        for entry in batch.hashes {
            let start = BloomFilter.block(entry.hash, of: Self.blockCount) * Self.wordsPerBlock
            for bit in 0..<BloomFilter.bitsPerHash {
                let place = BloomFilter.place(entry.hash, bit)
                let word = start + place >> 6
                let bits = words[word].load(ordering: .relaxed)
                words[word].store(bits | 1 << UInt64(place & 63), ordering: .relaxed)
            }
        }
    }

    func mayContain(_ hash: UInt64) -> Bool {
        let start = BloomFilter.block(hash, of: Self.blockCount) * Self.wordsPerBlock
        for bit in 0..<BloomFilter.bitsPerHash {
            let place = BloomFilter.place(hash, bit)
            if words[start + place >> 6].load(ordering: .relaxed) & (1 << UInt64(place & 63)) == 0 { return false }
        }
        return true
    }
}
