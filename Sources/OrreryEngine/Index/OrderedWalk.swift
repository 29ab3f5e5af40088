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
/// further than it is asked to.
public struct OrderedWalk {
    /// One run or batch, with the place it is at.
    private struct Source {
        let snapshot: Int
        /// Whether all of its versions are live.
        let isIntact: Bool
        /// Reads a run; nil where it is a batch.
        let reader: PostingReader?
        /// A batch's postings of the path, and which of them are still to come.
        var postings = PostingBatch()
        var range = 0..<0
        /// The place at the front; nil where the range is used up.
        var place: WalkedPlace?
        /// The run's memory of dead postings, until the first live one is met.
        var dead: DeadPostings?
        /// The first key of the dead ones passed so far, and how many these are.
        var deadStart: [UInt8]?
        var deadCount = 0

        /// Takes down the place that a batch's postings have come to.
        mutating func readPostings(isDescending: Bool) {
            place = range.isEmpty
                ? nil : postings.place(of: postings.postings[isDescending ? range.upperBound - 1 : range.lowerBound])
        }
    }

    /// Dead keys after which a walk leaves a note for later ones.
    private static let notedDeadKeys = 32

    private let snapshots: [PartitionSnapshot]
    private let path: IndexPathHash
    private let lower: WalkedPlace
    private let upper: WalkedPlace
    private let isDescending: Bool
    private var sources: [Source] = []
    /// Those of them that are at the next key.
    private var fronts: [Int] = []
    private var versions: [UInt64] = []
    /// Whether the items that lack the path are still to come.
    private var owesMissing: Bool
    /// The place of the items given last; nil for those that lack the path.
    public private(set) var place: WalkedPlace?
    /// How many postings it has passed, live ones and others.
    public private(set) var postingCount = 0
    /// The most items of one run that are taken at a place; where there are more the walk ends, and says so.
    public var placeItemsMax = Int.max
    public private(set) var isGivenUp = false

    /// - Parameters:
    ///   - values: the places to walk; nil for none but the items that lack the path.
    ///   - includesMissing: whether the items that lack the path are given, before all others, or after them where the
    ///     walk descends.
    /// - Returns: nil where a run or batch is not indexed so.
    public init?(
        _ snapshots: [PartitionSnapshot], by index: OrderedIndex, within values: ClosedRange<IndexValue>?,
        isDescending: Bool, includesMissing: Bool
    ) throws(EngineError) {
        self.snapshots = snapshots
        self.isDescending = isDescending
        owesMissing = includesMissing
        // All partitions of a store have its secret.
        path = index.hash(seed: snapshots.first?.seed ?? 0)
        lower = WalkedPlace(values?.lowerBound ?? .first)
        upper = WalkedPlace(values?.upperBound ?? .first)
        for (number, snapshot) in snapshots.enumerated() {
            guard snapshot.view.covers(index) else { return nil }
            guard let values else { continue }
            // Behind the upper key stands the first one that it begins, or the next.
            let start = isDescending
                ? PostingKey.bytes(path, values.upperBound) + [0] : PostingKey.bytes(path, values.lowerBound)
            for flushed in snapshot.view.runs {
                let reader = try flushed.run.postingReader()
                try isDescending ? reader.start(before: start) : reader.start(at: start)
                var source = Source(snapshot: number, isIntact: snapshot.view.isIntact(flushed), reader: reader)
                if !source.isIntact { source.dead = flushed.run.dead }
                try passDead(reader, &source, lsn: snapshot.lsn)
                sources.append(source)
            }
            for batch in snapshot.view.batches {
                let postings = batch.postings.column(path)
                let range = postings.range(path, values)
                if range.isEmpty { continue }
                sources.append(
                    Source(
                        snapshot: number, isIntact: snapshot.view.isIntact(batch), reader: nil, postings: postings,
                        range: range))
            }
        }
        for index in sources.indices { readPlace(index) }
    }

    /// The value at ``place``.
    public var value: IndexValue? { place?.value }

    /// Puts the live items at the next place that has any into `items`, those of each snapshot in the order of their
    /// versions; false at the end.
    public mutating func next(into items: inout [WalkedItem]) throws(EngineError) -> Bool {
        items.removeAll(keepingCapacity: true)
        return try appendNext(to: &items)
    }

    /// The same, behind what is in `items`.
    public mutating func appendNext(to items: inout [WalkedItem]) throws(EngineError) -> Bool {
        let countBefore = items.count
        if owesMissing, !isDescending {
            owesMissing = false
            try takeMissing(into: &items)
            if items.count > countBefore { return true }
        }
        while findFront() {
            place = sources[fronts[0]].place
            for number in fronts.indices {
                let index = fronts[number]
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

    /// Finds the sources that are at the next place of all; false where none has any.
    private mutating func findFront() -> Bool {
        fronts.removeAll(keepingCapacity: true)
        var front: WalkedPlace?
        for index in sources.indices {
            guard let place = sources[index].place else { continue }
            if let front, front != place {
                if isDescending == front.isBehind(place) { continue }
                fronts.removeAll(keepingCapacity: true)
            }
            front = place
            fronts.append(index)
        }
        return !fronts.isEmpty
    }

    private mutating func takeMissing(into items: inout [WalkedItem]) throws(EngineError) {
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
        return sources[index].postings.group(atEnd: isDescending, of: sources[index].range).count
    }

    /// Adds the live items at the front of one source, and goes to its next place.
    private mutating func take(_ index: Int, into items: inout [WalkedItem]) throws(EngineError) {
        let noted = sources[index].dead == nil ? nil : sources[index].reader?.key
        versions.removeAll(keepingCapacity: true)
        if let reader = sources[index].reader {
            try reader.takeKey(into: &versions, isDescending: isDescending)
        } else {
            let range = sources[index].range
            let group = sources[index].postings.group(atEnd: isDescending, of: range)
            for place in group { versions.append(sources[index].postings.postings[place].version) }
            sources[index].range = isDescending
                ? range.lowerBound..<group.lowerBound : group.upperBound..<range.upperBound
        }
        readPlace(index)
        postingCount += versions.count
        let countBefore = items.count
        addLive(of: index, to: &items)
        if let noted {
            let snapshot = sources[index].snapshot
            note(index, at: noted, isDead: items.count == countBefore, lsn: snapshots[snapshot].view.lsn)
        }
    }

    private func addLive(of index: Int, to items: inout [WalkedItem]) {
        let snapshot = sources[index].snapshot
        if sources[index].isIntact {
            for version in versions { items.append(WalkedItem(snapshot: snapshot, version: version)) }
        } else {
            let view = snapshots[snapshot].view
            for version in versions where view.isLive(version) {
                items.append(WalkedItem(snapshot: snapshot, version: version))
            }
        }
    }

    /// Takes down the place that a source has come to. A walk begins within its range, so only the far end is looked
    /// at.
    private mutating func readPlace(_ index: Int) {
        guard let reader = sources[index].reader else {
            sources[index].readPostings(isDescending: isDescending)
            return
        }
        let place = reader.walkedPlace(of: path)
        let isOver = place.map { isDescending ? lower.isBehind($0) : $0.isBehind(upper) } ?? true
        sources[index].place = isOver ? nil : place
    }
}

extension View {
    /// The batches of all deltas, oldest first.
    var batches: [DeltaBatch] {
        frozen.isEmpty ? active.batches : (frozen + [active]).flatMap(\.batches)
    }

    /// Whether all of its versions are in an index.
    func covers(_ index: OrderedIndex) -> Bool {
        runs.allSatisfy { $0.run.selection.covers(index) } && batches.allSatisfy { $0.selection.covers(index) }
    }

    /// Whether all versions in a run are live.
    func isIntact(_ flushed: FlushedRun) -> Bool {
        flushed.liveCount == flushed.run.entryCount
            && !batches.contains { $0.supersedesAny(of: flushed.run.firstVersion...flushed.run.lastVersion) }
    }

    /// Whether all versions in a batch but tombstones are live.
    func isIntact(_ batch: DeltaBatch) -> Bool {
        !batches.contains { $0.supersedesAny(of: batch.firstVersion...batch.lastVersion) }
    }
}

extension DeltaBatch {
    fileprivate func supersedesAny(of versions: ClosedRange<UInt64>) -> Bool {
        let index = superseded.firstIndex(notBefore: versions.lowerBound)
        return index < superseded.count && superseded[index] <= versions.upperBound
    }
}
