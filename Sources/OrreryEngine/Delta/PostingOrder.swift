/// Puts postings of one path in order: type, value, version.
///
/// Values are compared eight bytes at a time. Each round sorts by one such word what the rounds before left equal, so a
/// comparison is one of two numbers, and bytes that all values share are looked at once.
struct PostingOrder {
    private struct Key: Comparable {
        var word: UInt64
        let place: UInt32

        static func < (left: Key, right: Key) -> Bool {
            left.word != right.word ? left.word < right.word : left.place < right.place
        }
    }

    private let postings: [PostingBatch.Entry]
    private let tails: [UInt8]
    private var keys: [Key]

    /// - Parameter batch: of one path, in the order of their versions.
    init(_ batch: PostingBatch) {
        postings = batch.postings
        tails = batch.tails
        keys = postings.indices.map { Key(word: 0, place: UInt32(truncatingIfNeeded: $0)) }
        sort(keys.indices, round: 0)
    }

    /// The postings in order.
    var sorted: [PostingBatch.Entry] {
        var sorted: [PostingBatch.Entry] = []
        sorted.reserveCapacity(keys.count)
        for key in keys { sorted.append(postings[Int(key.place)]) }
        return sorted
    }

    /// Sorts a part of which the words of all rounds before are equal.
    private mutating func sort(_ part: Range<Int>, round: Int) {
        var isOrdered = true
        for index in part {
            keys[index].word = word(of: postings[Int(keys[index].place)], round)
            if index > part.lowerBound, keys[index] < keys[index - 1] { isOrdered = false }
        }
        if !isOrdered {
            // In place: a slice of an array would be sorted as a copy. The part is one of the keys' own.
            unsafe keys.withUnsafeMutableBufferPointer { unsafe $0[part].sort() }
        }
        var start = part.lowerBound
        for index in part where index + 1 == part.upperBound || keys[index + 1].word != keys[index].word {
            let end = index + 1
            if end - start > 1, hasMore(start..<end, round) { sort(start..<end, round: round + 1) }
            start = end
        }
    }

    /// Whether postings that are equal up to a round may differ in what they have behind that.
    private func hasMore(_ part: Range<Int>, _ round: Int) -> Bool {
        let known = 8 * ((round + 1) / 2)
        let count = Int(postings[Int(keys[part.lowerBound].place)].count)
        // Behind a round of lengths those of a part are on the same side of what is known.
        if round > 0, round % 2 == 0 { return count > known }
        return part.contains {
            let other = Int(postings[Int(keys[$0].place)].count)
            return other > known || other != count
        }
    }

    /// Rounds take turns: the type, then eight bytes of the value, then how many bytes it has up to those and one more,
    /// for of two that are equal so far, zeros apart, the shorter one comes first.
    private func word(of posting: PostingBatch.Entry, _ round: Int) -> UInt64 {
        if round == 0 { return UInt64(posting.tag) }
        let depth = (round - 1) / 2
        if round % 2 == 0 { return UInt64(min(Int(posting.count), 8 * depth + 9)) }
        if depth == 0 { return posting.head }
        let rest = Int(posting.count) - 8 * depth
        let start = Int(posting.tailStart) + 8 * (depth - 1)
        if rest >= 8 { return tails.span.bigEndian(at: start, as: UInt64.self) }
        var word: UInt64 = 0
        for index in 0..<max(rest, 0) { word |= UInt64(tails[start + index]) << UInt64(56 - 8 * index) }
        return word
    }
}
