internal import OrreryEngine

/// Walks an index some items ahead of what is read: the records of items that stand next to each other in an index lie
/// apart in the log, and the processor can fetch several at once.
struct WalkAhead {
    private struct Place {
        /// Nil for items that lack the path.
        let value: IndexValue?
        let items: [WalkedItem]
    }

    private let snapshots: [PartitionSnapshot]
    private var walk: OrderedWalk
    /// Items to be ahead by; 1 for none.
    private let itemsMax: Int
    private var ahead: [Place] = []
    private var index = 0
    private var found: [WalkedItem] = []
    /// See ``OrderedWalk``.
    private(set) var value: IndexValue?

    /// The most items that are worth being ahead by.
    static let itemsMaxDefault = 16

    init(_ walk: OrderedWalk, over snapshots: [PartitionSnapshot], itemsMax: Int) {
        self.walk = walk
        self.snapshots = snapshots
        self.itemsMax = min(max(1, itemsMax), Self.itemsMaxDefault)
    }

    /// See ``OrderedWalk``.
    var isGivenUp: Bool { walk.isGivenUp }
    var postingCount: Int { walk.postingCount }

    /// See ``OrderedWalk/next(into:)``.
    mutating func next(into items: inout [WalkedItem]) throws(EngineError) -> Bool {
        if index == ahead.count { try goAhead() }
        guard index < ahead.count else { return false }
        items = ahead[index].items
        value = ahead[index].value
        index += 1
        return true
    }

    private mutating func goAhead() throws(EngineError) {
        ahead.removeAll(keepingCapacity: true)
        index = 0
        var count = 0
        while count < itemsMax, try walk.next(into: &found) {
            count += found.count
            ahead.append(Place(value: walk.value, items: found))
        }
        if count > 1, itemsMax > 1 { warm() }
    }

    private func warm() {
        for (number, snapshot) in snapshots.enumerated() {
            var versions: [UInt64] = []
            for place in ahead {
                for item in place.items.prefix(itemsMax) where item.snapshot == number { versions.append(item.version) }
            }
            if versions.count > 1 { snapshot.warm(versions) }
        }
    }
}
