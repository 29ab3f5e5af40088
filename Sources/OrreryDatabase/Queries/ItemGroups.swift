internal import OrreryEngine

/// Items in groups that are alike in the values of some paths: each path in turn splits the groups of those before, and
/// no item is read.
struct ItemGroups {
    typealias Representative = RepresentativeDocuments.Representative

    /// One item of each group, with how many that has.
    private(set) var representatives: [Representative] = []
    private let countMax: Int
    /// The group of each version of each snapshot, by the paths before; ``leftOut`` where the filter leaves it out.
    /// Four bytes for each, dead ones included. Empty where there is one path and no filter.
    private var groups: [[UInt32]] = []
    private var firstVersions: [UInt64] = []

    private static let leftOut: UInt32 = 0
    /// The group of all, before the first path.
    private static let all: UInt32 = 1

    /// Versions for each live item above which memory is not spent on them; so many are no matter.
    private static let versionsPerItemMax = 8
    private static let versionsMin = 1 << 20

    /// - Parameter countMax: the most groups.
    /// - Returns: nil where most versions are dead.
    init?(_ matches: [QueryWork.Matches], pathCount: Int, countMax: Int) {
        self.countMax = countMax
        if pathCount == 1, matches.allSatisfy(\.areAll) { return }
        for part in matches {
            let bounds = part.snapshot.versionBounds
            let count = bounds.map { $0.upperBound - $0.lowerBound + 1 } ?? 0
            let countMax = max(Self.versionsMin, Self.versionsPerItemMax * part.snapshot.itemCount)
            guard count <= UInt64(countMax) else { return nil }
            groups.append([UInt32](repeating: part.versions == nil ? Self.all : Self.leftOut, count: Int(count)))
            firstVersions.append(bounds?.lowerBound ?? 0)
            let number = groups.count - 1
            for version in part.ended { setGroup(of: WalkedItem(snapshot: number, version: version), Self.leftOut) }
            for version in part.versions ?? [] {
                setGroup(of: WalkedItem(snapshot: number, version: version), Self.all)
            }
        }
    }

    /// Begins with the next path: all items come again.
    mutating func beginPath() {
        representatives.removeAll(keepingCapacity: true)
    }

    /// Takes the items that share a place of the path, or lack it.
    /// - Parameter areAlike: whether they share a value, too.
    /// - Returns: false where there are too many groups.
    mutating func add(_ items: [WalkedItem], areAlike: Bool) -> Bool {
        // By the groups that they were in before; those of one follow each other, often.
        var known: [UInt32: Int] = [:]
        var last: (before: UInt32, group: Int)?
        for item in items {
            let before = group(of: item)
            if before == Self.leftOut { continue }
            var group = last?.before == before ? last?.group : known[before]
            if !areAlike { group = nil }
            if let group {
                representatives[group].count += 1
            } else {
                guard representatives.count < countMax else { return false }
                representatives.append(Representative(item: item, count: 1))
            }
            let found = group ?? representatives.count - 1
            if last?.before != before || group == nil {
                known[before] = found
                last = (before, found)
            }
            setGroup(of: item, Self.all + 1 + UInt32(clamping: found))
        }
        return true
    }

    private func place(of item: WalkedItem) -> Int? {
        guard groups.indices.contains(item.snapshot), item.version >= firstVersions[item.snapshot] else { return nil }
        let place = item.version - firstVersions[item.snapshot]
        return place < groups[item.snapshot].count ? Int(place) : nil
    }

    private func group(of item: WalkedItem) -> UInt32 {
        groups.isEmpty ? Self.all : place(of: item).map { groups[item.snapshot][$0] } ?? Self.leftOut
    }

    private mutating func setGroup(of item: WalkedItem, _ group: UInt32) {
        if let place = place(of: item) { groups[item.snapshot][place] = group }
    }
}
