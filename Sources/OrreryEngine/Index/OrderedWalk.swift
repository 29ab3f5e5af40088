/// An index that items can be walked in the order of.
public enum OrderedIndex: Sendable, Hashable {
    /// A path of properties, the items that lack it first.
    case path(IndexPath)
    case composite(CompositeIndex)

    func hash(seed: UInt64) -> IndexPathHash {
        switch self {
        case .path(let path): IndexPathHash(seed: seed, path: path)
        case .composite(let composite): composite.path(seed: seed)
        }
    }
}

/// An item that a walk came to.
public struct WalkedItem: Sendable, Equatable {
    /// Which of the walk's snapshots it is in.
    public let snapshot: Int
    public let version: UInt64

    public init(snapshot: Int, version: UInt64) {
        self.snapshot = snapshot
        self.version = version
    }
}

/// Walks the live items of some partitions in the order of an index, all that share a place together. It reads no
/// further than it is asked to. A class, for a copy would count references to all that it walks over.
public final class OrderedWalk {
    // One value, for each access to a part of an object is checked by itself. One thread walks at a time, and no step
    // calls anything that would take another.
    @exclusivity(unchecked) private var walk: Walk

    /// - Parameters:
    ///   - values: the places to walk; nil for none but the items that lack the path.
    ///   - includesMissing: whether the items that lack the path are given, before all others, or after them where the
    ///     walk descends.
    ///   - placeItemsMax: the most items of one run that are taken at a place; where there are more the walk ends, and
    ///     says so.
    /// - Returns: nil where a run or batch is not indexed so.
    public init?(
        _ snapshots: [PartitionSnapshot], by index: OrderedIndex, within values: ClosedRange<IndexValue>?,
        isDescending: Bool, includesMissing: Bool, placeItemsMax: Int = .max
    ) throws(EngineError) {
        unsafe walk = Walk(
            snapshots, by: index, within: values, isDescending: isDescending, includesMissing: includesMissing,
            placeItemsMax: placeItemsMax)
        guard try unsafe walk.open(index, within: values) else { return nil }
    }

    deinit {
        unsafe walk.giveBackReaders()
    }

    /// What it walks over.
    public var snapshots: [PartitionSnapshot] { unsafe walk.snapshots }

    /// The place of the items given last; nil for those that lack the path.
    public var place: WalkedPlace? { unsafe walk.place }

    /// The value at ``place``.
    public var value: IndexValue? { unsafe walk.place?.value }

    /// The one scalar at ``place``, undefined for the items that lack the path; nil where several values may have it.
    public var component: IndexComponent? { unsafe walk.place == nil ? .undefined : walk.place?.scalar }

    /// Whether the items at ``place`` may have different values.
    public var mayDiffer: Bool { unsafe walk.place?.isShared ?? false }

    /// Whether ``place`` is a number's, which may be written in several ways.
    public var isAtNumber: Bool { unsafe walk.place?.tag == IndexValue.numberTag }

    /// How many postings it has passed, live ones and others.
    public var postingCount: Int { unsafe walk.postingCount }

    /// Whether it ended at a place with more items than it was to take.
    public var isGivenUp: Bool { unsafe walk.isGivenUp }

    /// Puts the live items at the next place that has any into `items`, those of each snapshot in the order of their
    /// versions; false at the end.
    public func next(into items: inout [WalkedItem]) throws(EngineError) -> Bool {
        items.removeAll(keepingCapacity: true)
        return try appendNext(to: &items)
    }

    /// The same, behind what is in `items`.
    public func appendNext(to items: inout [WalkedItem]) throws(EngineError) -> Bool {
        try unsafe walk.appendNext(to: &items)
    }
}

/// What ``OrderedWalk`` does.
private struct Walk {
    /// One run or batch, with the place it is at.
    private struct Source {
        let snapshot: Int
        /// Whether all of its versions are live.
        let isIntact: Bool
        /// A run and what reads it; nil where it is a batch.
        var run: Run?
        var reader: PostingReader?
        /// A batch's postings, and which of them are still to come.
        var column: IndexParts.Column?
        var range = 0..<0
        /// The place at the front, unless the range is used up.
        var place: WalkedPlace
        var isOver = false
        /// The run's memory of dead postings, until the first live one is met.
        var dead: DeadPostings?
        /// The first key of the dead ones passed so far, and how many these are.
        var deadStart: [UInt8]?
        var deadCount = 0

        /// How its place sorts beside another source's.
        func order(to other: Source) -> Int { place.order(to: other.place) }

        func isAt(_ other: WalkedPlace) -> Bool { !isOver && place.order(to: other) == 0 }
    }

    /// Dead keys after which a walk leaves a note for later ones.
    private static let notedDeadKeys = 32

    let snapshots: [PartitionSnapshot]
    private let path: IndexPathHash
    private let lower: WalkedPlace
    private let upper: WalkedPlace
    private let isDescending: Bool
    private var sources: [Source] = []
    /// Whether the items that lack the path are still to come.
    private var owesMissing: Bool
    private(set) var place: WalkedPlace?
    private(set) var postingCount = 0
    private let placeItemsMax: Int
    private(set) var isGivenUp = false

    /// Not yet at any place, see ``open(_:within:)``.
    init(
        _ snapshots: [PartitionSnapshot], by index: OrderedIndex, within values: ClosedRange<IndexValue>?,
        isDescending: Bool, includesMissing: Bool, placeItemsMax: Int
    ) {
        self.snapshots = snapshots
        self.placeItemsMax = placeItemsMax
        self.isDescending = isDescending
        owesMissing = includesMissing
        // All partitions of a store have its secret.
        path = index.hash(seed: snapshots.first?.seed ?? 0)
        lower = WalkedPlace(values?.lowerBound ?? .first)
        upper = WalkedPlace(values?.upperBound ?? .first)
    }

    /// Goes to the first place of each run and batch; false where one of them is not indexed so.
    mutating func open(_ index: OrderedIndex, within values: ClosedRange<IndexValue>?) throws(EngineError) -> Bool {
        // Behind the upper key stands the first one that it begins, or the next.
        let start = values.map { values in
            isDescending ? PostingKey.bytes(path, values.upperBound) + [0] : PostingKey.bytes(path, values.lowerBound)
        }
        for number in snapshots.indices {
            guard let parts = snapshots[number].view.parts(of: index, path) else { return false }
            guard let start else { continue }
            sources.reserveCapacity(sources.count + parts.runs.count + parts.columns.count)
            for part in parts.runs { try add(part, of: number, from: start) }
            for column in parts.columns { add(column, of: number) }
        }
        return true
    }

    private mutating func add(_ part: IndexParts.Flushed, of snapshot: Int, from start: [UInt8]) throws(EngineError) {
        let reader = try part.run.postingReader()
        try isDescending ? reader.start(before: start) : reader.start(at: start)
        var source = Source(
            snapshot: snapshot, isIntact: part.isIntact, run: part.run, reader: reader, place: lower)
        if !part.isIntact {
            source.dead = part.run.dead
            try passDead(reader, &source, lsn: snapshots[snapshot].lsn)
        }
        sources.append(source)
        readPlace(of: reader, at: sources.count - 1)
    }

    private mutating func add(_ column: IndexParts.Column, of snapshot: Int) {
        let range = column.postings.range(from: lower, to: upper)
        if range.isEmpty { return }
        sources.append(
            Source(
                snapshot: snapshot, isIntact: column.isIntact, column: column, range: range, place: lower))
        readPlace(of: column, at: sources.count - 1)
    }

    /// Hands the readers back to their runs. Nothing can be read after that.
    mutating func giveBackReaders() {
        for index in sources.indices {
            if let reader = sources[index].reader { sources[index].run?.giveBack(reader) }
        }
    }

    mutating func appendNext(to items: inout [WalkedItem]) throws(EngineError) -> Bool {
        let countBefore = items.count
        if owesMissing, !isDescending {
            owesMissing = false
            try takeMissing(into: &items)
            if items.count > countBefore { return true }
        }
        while let front = front() {
            let next = sources[front].place
            place = next
            for index in front..<sources.count where sources[index].isAt(next) {
                if placeItemsMax < .max, itemCount(index) > placeItemsMax {
                    isGivenUp = true
                    return false
                }
                try take(index, into: &items)
            }
            if items.count > countBefore { return true }
        }
        guard owesMissing else { return false }
        owesMissing = false
        place = nil
        try takeMissing(into: &items)
        return items.count > countBefore
    }

    /// Moves a reader at its start behind what earlier walks found dead there.
    private func passDead(_ reader: PostingReader, _ source: inout Source, lsn: UInt64) throws(EngineError) {
        guard let dead = source.dead, !reader.isAtEnd, let stretch = dead.stretch(of: reader.key, path, lsn: lsn) else {
            return
        }
        if isDescending {
            source.deadStart = reader.key
            try reader.start(before: stretch.lower)
        } else {
            source.deadStart = stretch.lower
            try reader.start(at: stretch.upper)
        }
    }

    /// Takes down that the versions of a source at a key are all dead, until one is not.
    private mutating func note(_ index: Int, at key: [UInt8], isDead: Bool, lsn: UInt64) {
        let start = sources[index].deadStart ?? key
        if isDead {
            sources[index].deadStart = start
            sources[index].deadCount += 1
        }
        let deadCount = sources[index].deadCount
        if isDead ? deadCount % Self.notedDeadKeys == 0 : deadCount >= Self.notedDeadKeys / 4 {
            // The key itself is one of them if it is dead.
            let (lower, upper) = isDescending
                ? (isDead ? key : key + [0], start + [0]) : (start, isDead ? key + [0] : key)
            sources[index].dead?.note(DeadPostings.Stretch(lower: lower, upper: upper, lsn: lsn), path)
        }
        if !isDead { sources[index].dead = nil }
    }

    /// The first source that is at the next place of all; nil where all are used up.
    private func front() -> Int? {
        let sources = sources.span
        var front: Int?
        for index in sources.indices where !sources[index].isOver {
            if let front {
                let order = sources[index].order(to: sources[front])
                if isDescending ? order <= 0 : order >= 0 { continue }
            }
            front = index
        }
        return front
    }

    private func takeMissing(into items: inout [WalkedItem]) throws(EngineError) {
        for (number, snapshot) in snapshots.enumerated() {
            let view = snapshot.view
            func take(_ versions: [UInt64]) {
                for version in versions where view.isLive(version) {
                    items.append(WalkedItem(snapshot: number, version: version))
                }
            }
            for flushed in view.runs { take(try flushed.run.versions(lacking: path)) }
            for batch in view.batches { take(batch.versions(lacking: path)) }
        }
    }

    /// How many versions are at the front of one source.
    private func itemCount(_ index: Int) -> Int {
        if let reader = sources[index].reader { return reader.versionCount }
        return sources[index].column.map { $0.postings.group(atEnd: isDescending, of: sources[index].range).count } ?? 0
    }

    /// Adds the live items at the front of one source, and goes to its next place.
    private mutating func take(_ index: Int, into items: inout [WalkedItem]) throws(EngineError) {
        if let reader = sources[index].reader {
            try takeKey(of: reader, at: index, into: &items)
        } else if let column = sources[index].column {
            takeGroup(of: column, at: index, into: &items)
        }
    }

    private mutating func takeKey(
        of reader: PostingReader, at index: Int, into items: inout [WalkedItem]
    ) throws(EngineError) {
        let (snapshot, isIntact) = (sources[index].snapshot, sources[index].isIntact)
        let key = sources[index].dead == nil ? nil : reader.key
        let countBefore = items.count
        var passedCount = 0
        try reader.takeKey(isDescending: isDescending) { version in
            passedCount += 1
            if isIntact || snapshots[snapshot].view.isLive(version) {
                items.append(WalkedItem(snapshot: snapshot, version: version))
            }
        }
        postingCount += passedCount
        readPlace(of: reader, at: index)
        if let key { note(index, at: key, isDead: items.count == countBefore, lsn: snapshots[snapshot].view.lsn) }
    }

    private mutating func takeGroup(of column: IndexParts.Column, at index: Int, into items: inout [WalkedItem]) {
        let (snapshot, range) = (sources[index].snapshot, sources[index].range)
        let group = column.postings.group(atEnd: isDescending, of: range)
        for posting in group {
            let version = column.postings.postings[posting].version
            if column.isIntact || snapshots[snapshot].view.isLive(version) {
                items.append(WalkedItem(snapshot: snapshot, version: version))
            }
        }
        postingCount += group.count
        sources[index].range = isDescending
            ? range.lowerBound..<group.lowerBound : group.upperBound..<range.upperBound
        readPlace(of: column, at: index)
    }

    /// Takes down the place that a batch's postings have come to.
    private mutating func readPlace(of column: IndexParts.Column, at index: Int) {
        let range = sources[index].range
        sources[index].isOver = range.isEmpty
        if range.isEmpty { return }
        sources[index].place = column.postings.place(at: isDescending ? range.upperBound - 1 : range.lowerBound)
    }

    /// Takes down the place that a run's reader has come to. A walk begins within its range, so only the far end is
    /// looked at.
    private mutating func readPlace(of reader: PostingReader, at index: Int) {
        let place = reader.walkedPlace(of: path)
        let isOver = place.map { isDescending ? $0.order(to: lower) < 0 : $0.order(to: upper) > 0 } ?? true
        sources[index].isOver = isOver
        if let place { sources[index].place = place }
    }
}
