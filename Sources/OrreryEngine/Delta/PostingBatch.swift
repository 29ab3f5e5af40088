/// The postings of some versions: path and value → version, sorted. Part of a delta batch.
struct PostingBatch: Sendable {
    struct Entry: Sendable {
        let path: UInt64
        let head: UInt64
        let version: UInt64
        var tailStart: UInt32
        let count: UInt16
        let tag: UInt8
    }

    private(set) var postings: [Entry] = []
    /// What does not fit the heads of longer values.
    private(set) var tails: [UInt8] = []

    var isEmpty: Bool { postings.isEmpty }

    // MARK: Building

    /// Adds one version's entries; ``sort()`` must follow before anything is looked up.
    mutating func add(_ entries: IndexEntries, version: UInt64) {
        let offset = UInt32(truncatingIfNeeded: tails.count)
        for entry in entries.entries {
            postings.append(
                Entry(
                    path: entry.path, head: entry.head, version: version, tailStart: entry.tailStart &+ offset,
                    count: entry.count, tag: entry.tag))
        }
        tails += entries.tails
    }

    /// Sorts the postings. An array may hold a value twice, and makes one posting of it.
    mutating func sort() {
        let tails = tails
        postings.sort { Self.precedes($0, tails, $1, tails) }
        var kept = 0
        for index in postings.indices {
            if kept > 0, postings[kept - 1].version == postings[index].version,
                haveSameKey(postings[kept - 1], postings[index])
            { continue }
            postings[kept] = postings[index]
            kept += 1
        }
        postings.removeLast(postings.count - kept)
    }

    /// The postings of two batches that follow each other.
    static func merging(_ older: PostingBatch, _ newer: PostingBatch) -> PostingBatch {
        if older.isEmpty { return newer }
        if newer.isEmpty { return older }
        var merged = PostingBatch()
        merged.postings.reserveCapacity(older.postings.count + newer.postings.count)
        merged.tails = older.tails + newer.tails
        let offset = UInt32(truncatingIfNeeded: older.tails.count)
        var left = 0
        var right = 0
        while left < older.postings.count, right < newer.postings.count {
            if precedes(newer.postings[right], newer.tails, older.postings[left], older.tails) {
                merged.append(newer.postings[right], shiftedBy: offset)
                right += 1
            } else {
                merged.postings.append(older.postings[left])
                left += 1
            }
        }
        merged.postings.append(contentsOf: older.postings[left...])
        while right < newer.postings.count {
            merged.append(newer.postings[right], shiftedBy: offset)
            right += 1
        }
        return merged
    }

    private mutating func append(_ posting: Entry, shiftedBy offset: UInt32) {
        var posting = posting
        posting.tailStart &+= offset
        postings.append(posting)
    }

    // MARK: Order

    /// Path, type, value, version.
    private static func precedes(
        _ left: Entry, _ leftTails: [UInt8], _ right: Entry, _ rightTails: [UInt8]
    ) -> Bool {
        if left.path != right.path { return left.path < right.path }
        if left.tag != right.tag { return left.tag < right.tag }
        if left.head != right.head { return left.head < right.head }
        if left.count > 8, right.count > 8 {
            let order = compareTails(left, leftTails, right, rightTails)
            if order != 0 { return order < 0 }
        }
        if left.count != right.count { return left.count < right.count }
        return left.version < right.version
    }

    private static func compareTails(
        _ left: Entry, _ leftTails: [UInt8], _ right: Entry, _ rightTails: [UInt8]
    ) -> Int {
        let common = Int(min(left.count, right.count)) - 8
        let leftStart = Int(left.tailStart)
        let rightStart = Int(right.tailStart)
        for index in 0..<common {
            let (a, b) = (leftTails[leftStart + index], rightTails[rightStart + index])
            if a != b { return Int(a) - Int(b) }
        }
        return 0
    }

    /// Whether two postings have the same path and value.
    private func haveSameKey(_ left: Entry, _ right: Entry) -> Bool {
        left.path == right.path && left.tag == right.tag && left.head == right.head && left.count == right.count
            && (left.count <= 8 || Self.compareTails(left, tails, right, tails) == 0)
    }

    /// Below zero, zero or above, as the posting's value stands before, is or stands after another value.
    private func compare(_ posting: Entry, _ path: UInt64, _ value: IndexValue) -> Int {
        if posting.path != path { return posting.path < path ? -1 : 1 }
        if posting.tag != value.tag { return Int(posting.tag) - Int(value.tag) }
        let count = Int(posting.count)
        for index in 0..<min(count, value.bytes.count) {
            let byte =
                index < 8
                ? UInt8(truncatingIfNeeded: posting.head >> UInt64(56 - 8 * index))
                : tails[Int(posting.tailStart) + index - 8]
            if byte != value.bytes[index] { return Int(byte) - Int(value.bytes[index]) }
        }
        return count - value.bytes.count
    }

    // MARK: Look-ups

    /// The postings of a path with values within a range, in the order of their values.
    func range(_ path: IndexPathHash, _ values: ClosedRange<IndexValue>) -> Range<Int> {
        let start = firstIndex { compare($0, path.value, values.lowerBound) >= 0 }
        let end = firstIndex { compare($0, path.value, values.upperBound) > 0 }
        return start..<max(start, end)
    }

    /// The postings within a range that have the same path and value as its first one, or as its last.
    func group(atEnd: Bool, of range: Range<Int>) -> Range<Int> {
        var group = atEnd ? (range.upperBound - 1)..<range.upperBound : range.lowerBound..<(range.lowerBound + 1)
        if atEnd {
            while group.lowerBound > range.lowerBound,
                haveSameKey(postings[group.lowerBound - 1], postings[group.lowerBound])
            { group = (group.lowerBound - 1)..<group.upperBound }
        } else {
            while group.upperBound < range.upperBound,
                haveSameKey(postings[group.upperBound], postings[group.lowerBound])
            { group = group.lowerBound..<(group.upperBound + 1) }
        }
        return group
    }

    private func firstIndex(where isBehind: (Entry) -> Bool) -> Int {
        var low = 0
        var high = postings.count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(postings[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The value of a posting.
    func value(_ posting: Entry) -> IndexValue {
        IndexValue(tag: posting.tag, bytes: valueBytes(posting))
    }

    /// The bytes of a posting's value.
    func valueBytes(_ posting: Entry) -> [UInt8] {
        let count = Int(posting.count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in 0..<min(count, 8) {
            bytes.append(UInt8(truncatingIfNeeded: posting.head >> UInt64(56 - 8 * index)))
        }
        if count > 8 { bytes += tails[Int(posting.tailStart)..<(Int(posting.tailStart) + count - 8)] }
        return bytes
    }
}
