internal import OrreryEngine
internal import OrreryQuery

/// Walks an index some items ahead of what is read: the records of items that stand next to each other in an index lie
/// apart in the log, and the processor can fetch several at once.
struct WalkAhead {
    /// A place that the walk has come to, and where its items end among those ahead.
    private struct Stop {
        let order: OrderPlace?
        let mayDiffer: Bool
        let end: Int

        init(_ walk: OrderedWalk, end: Int, order: OrderPlace?) {
            self.order = order
            mayDiffer = walk.mayDiffer
            self.end = end
        }
    }

    private let walk: OrderedWalk
    /// Items to be ahead by; 1 for none.
    private let itemsMax: Int
    /// The items ahead, and the places that they are at.
    private var items: [WalkedItem] = []
    private var stops: [Stop] = []
    /// The place of the items that were given last.
    private var index = -1
    /// The value of the first place of all; nil where that has none.
    private(set) var firstValue: IndexValue?
    private var hasBegun = false

    /// The most items that are worth being ahead by.
    static let itemsMaxDefault = 16

    init(_ walk: OrderedWalk, itemsMax: Int) {
        self.walk = walk
        self.itemsMax = min(max(1, itemsMax), Self.itemsMaxDefault)
    }

    /// See ``OrderedWalk``.
    var isGivenUp: Bool { walk.isGivenUp }
    var postingCount: Int { walk.postingCount }
    /// Whether items of the place may have different values.
    var mayDiffer: Bool { stops[index].mayDiffer }
    /// The place in the query's order, where all of its items have one value.
    var order: OrderPlace? { itemsMax == 1 ? orderOfWalk : stops[index].order }
    private var orderOfWalk: OrderPlace? { walk.component.map { OrderPlace($0) } }

    /// See ``OrderedWalk/next(into:)``.
    mutating func next(into items: inout [WalkedItem]) throws(EngineError) -> Bool {
        items.removeAll(keepingCapacity: true)
        index += 1
        if index == stops.count { try goAhead() }
        guard index < stops.count else { return false }
        if stops.count == 1 {
            swap(&items, &self.items)
            return true
        }
        // One by one: there is one, mostly.
        for number in (index == 0 ? 0 : stops[index - 1].end)..<stops[index].end { items.append(self.items[number]) }
        return true
    }

    private mutating func goAhead() throws(EngineError) {
        items.removeAll(keepingCapacity: true)
        stops.removeAll(keepingCapacity: true)
        index = 0
        items.reserveCapacity(itemsMax)
        stops.reserveCapacity(itemsMax)
        while items.count < itemsMax, try walk.appendNext(to: &items) {
            if !hasBegun { firstValue = walk.value }
            hasBegun = true
            stops.append(Stop(walk, end: items.count, order: itemsMax == 1 ? nil : orderOfWalk))
        }
        if itemsMax > 1, items.count > 1 { warm() }
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
