internal import OrreryEngine

/// Walks an index some items ahead of what is read: the records of items that stand next to each other in an index lie
/// apart in the log, and the processor can fetch several at once.
struct WalkAhead {
    private struct Stop {
        let place: WalkedPlace?
        let end: Int
    }

    private let walk: OrderedWalk
    /// Items to be ahead by; 1 for none.
    private let itemsMax: Int
    /// The items ahead, and for each place where its own end.
    private var items: [WalkedItem] = []
    private var places: [Stop] = []
    private var index = 0
    /// See ``OrderedWalk``.
    private(set) var place: WalkedPlace?

    /// The most items that are worth being ahead by.
    static let itemsMaxDefault = 16

    init(_ walk: OrderedWalk, itemsMax: Int) {
        self.walk = walk
        self.itemsMax = min(max(1, itemsMax), Self.itemsMaxDefault)
    }

    /// See ``OrderedWalk``.
    var isGivenUp: Bool { walk.isGivenUp }
    /// Whether items of the place may have different values.
    var mayDiffer: Bool { place?.isShared ?? false }
    var postingCount: Int { walk.postingCount }

    /// See ``OrderedWalk/next(into:)``.
    mutating func next(into items: inout [WalkedItem]) throws(EngineError) -> Bool {
        items.removeAll(keepingCapacity: true)
        if itemsMax == 1 {
            guard try walk.appendNext(to: &items) else { return false }
            place = walk.place
            return true
        }
        if index == places.count { try goAhead() }
        guard index < places.count else { return false }
        place = places[index].place
        // One by one: there is one, mostly.
        for number in (index == 0 ? 0 : places[index - 1].end)..<places[index].end { items.append(self.items[number]) }
        index += 1
        return true
    }

    private mutating func goAhead() throws(EngineError) {
        items.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        index = 0
        items.reserveCapacity(itemsMax)
        places.reserveCapacity(itemsMax)
        while items.count < itemsMax, try walk.appendNext(to: &items) {
            places.append(Stop(place: walk.place, end: items.count))
        }
        if items.count > 1 { warm() }
    }

    private func warm() {
        for (number, snapshot) in walk.snapshots.enumerated() {
            var versions: [UInt64] = []
            versions.reserveCapacity(itemsMax)
            for item in items.prefix(itemsMax) where item.snapshot == number { versions.append(item.version) }
            snapshot.warm(versions)
        }
    }
}
