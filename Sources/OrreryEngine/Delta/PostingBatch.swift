/// Some postings: path and value → version. Sorted where they are of one path and looked up.
struct PostingBatch: Sendable {
    struct Entry: Sendable {
        let path: UInt64
        let head: UInt64
        let version: UInt64
        var tailStart: UInt32
        let count: UInt16
        let tag: UInt8

        /// Bytes of the value that do not fit its head.
        var tailByteCount: Int { max(Int(count) - 8, 0) }
    }

    private(set) var postings: [Entry] = []
    /// What does not fit the heads of longer values.
    private(set) var tails: [UInt8] = []

    private var isSorted = true

    var isEmpty: Bool { postings.isEmpty }

    // MARK: Building

    /// An empty batch.
    init() {}

    /// An empty batch with room for that many postings.
    init(capacity: Int) {
        postings.reserveCapacity(capacity)
    }

    /// Adds one version's entries; ``sort()`` must follow before anything is looked up.
    mutating func add(_ entries: IndexEntries, version: UInt64) {
        isSorted = false
        let offset = UInt32(truncatingIfNeeded: tails.count)
        for entry in entries.entries {
            postings.append(
                Entry(
                    path: entry.path, head: entry.head, version: version, tailStart: entry.tailStart &+ offset,
                    count: entry.count, tag: entry.tag))
        }
        tails += entries.tails
    }

    /// Adds a posting of a number.
    mutating func add(_ path: IndexPathHash, orderedBits: UInt64, version: UInt64) {
        isSorted = false
        postings.append(
            Entry(
                path: path.value, head: orderedBits, version: version, tailStart: 0, count: 8,
                tag: IndexValue.numberTag))
    }

    /// Adds a posting of another batch, whose longer values are given beside it.
    mutating func append(_ entry: Entry, of otherTails: Span<UInt8>) {
        var entry = entry
        if entry.count > 8 {
            let start = Int(entry.tailStart)
            entry.tailStart = UInt32(truncatingIfNeeded: tails.count)
            tails.append(copying: otherTails.extracting(start..<(start + entry.tailByteCount)))
        }
        postings.append(entry)
        isSorted = false
    }

    /// Sorts the postings. An array may hold a value twice, and makes one posting of it.
    mutating func sort() {
        guard !isSorted else { return }
        if !isInOrder { postings = PostingOrder(self).sorted }
        var kept = 0
        for index in postings.indices {
            if kept > 0, postings[kept - 1].version == postings[index].version,
                haveSameKey(postings[kept - 1], postings[index])
            { continue }
            if kept != index { postings[kept] = postings[index] }
            kept += 1
        }
        postings.removeLast(postings.count - kept)
        isSorted = true
    }

    // MARK: Order

    private var isInOrder: Bool {
        postings.indices.dropFirst().allSatisfy { !Self.precedes(postings[$0], postings[$0 - 1], tails) }
    }

    /// Path, type, value, version.
    private static func precedes(_ left: Entry, _ right: Entry, _ tails: [UInt8]) -> Bool {
        if left.path != right.path { return left.path < right.path }
        if left.tag != right.tag { return left.tag < right.tag }
        if left.head != right.head { return left.head < right.head }
        if left.count > 8, right.count > 8 {
            let order = compareTails(left, right, tails)
            if order != 0 { return order < 0 }
        }
        if left.count != right.count { return left.count < right.count }
        return left.version < right.version
    }

    private static func compareTails(_ left: Entry, _ right: Entry, _ tails: [UInt8]) -> Int {
        let (leftStart, rightStart) = (Int(left.tailStart), Int(right.tailStart))
        for index in 0..<(Int(min(left.count, right.count)) - 8) {
            let (a, b) = (tails[leftStart + index], tails[rightStart + index])
            if a != b { return Int(a) - Int(b) }
        }
        return 0
    }

    /// Whether two postings have the same path and value.
    private func haveSameKey(_ left: Entry, _ right: Entry) -> Bool {
        left.path == right.path && left.tag == right.tag && left.head == right.head && left.count == right.count
            && (left.count <= 8 || Self.compareTails(left, right, tails) == 0)
    }

    // MARK: Look-ups

    /// The postings with values within a range, in the order of their values.
    func range(_ values: ClosedRange<IndexValue>) -> Range<Int> {
        range(from: WalkedPlace(values.lowerBound), to: WalkedPlace(values.upperBound))
    }

    /// The postings from one place to another, both included.
    func range(from lower: WalkedPlace, to upper: WalkedPlace) -> Range<Int> {
        let start = firstIndex(within: 0..<postings.count) { order(of: $0, to: lower) >= 0 }
        // Many ranges end where the postings do, and most others soon.
        guard let last = postings.last, order(of: last, to: upper) > 0 else { return start..<postings.count }
        var step = 1
        while start + step < postings.count, order(of: postings[start + step], to: upper) <= 0 { step *= 2 }
        let stretch = (start + step / 2)..<min(start + step, postings.count)
        return start..<firstIndex(within: stretch) { order(of: $0, to: upper) > 0 }
    }

    /// How a posting sorts beside a place: below zero before it, above it behind it.
    private func order(of posting: Entry, to place: WalkedPlace) -> Int {
        if let order = place.order(tag: posting.tag, head: posting.head, count: Int(posting.count)) { return order }
        let start = Int(posting.tailStart)
        return tails.span.extracting(start..<(start + posting.tailByteCount)).order(to: place.tail.span)
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

    private func firstIndex(within range: Range<Int>, where isBehind: (Entry) -> Bool) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(postings[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The place of a posting's value.
    func place(at index: Int) -> WalkedPlace { WalkedPlace(postings[index], tails: tails) }

    // MARK: Writing

    /// Makes `list` the postings from a place on that share a key, as a run keeps them. Answers the place behind them;
    /// the batch is sorted.
    func list(from start: Int, into list: inout PostingList) -> Int {
        let first = postings[start]
        list.isNewKey = start == 0 || !haveSameKey(postings[start - 1], first)
        list.versions.removeAll(keepingCapacity: true)
        list.key.removeAll(keepingCapacity: true)
        list.key.append(bigEndian: first.path)
        list.key.append(first.tag)
        list.key.append(bigEndian: first.head)
        if first.count < 8 { list.key.removeLast(8 - Int(first.count)) }
        if first.count > 8 {
            let tailStart = Int(first.tailStart)
            list.key += tails[tailStart..<(tailStart + first.tailByteCount)]
        }
        var place = start
        repeat {
            list.versions.append(postings[place].version)
            place += 1
        } while place < postings.count && list.versions.count < PostingList.versionsMax
            && haveSameKey(first, postings[place])
        return place
    }
}
