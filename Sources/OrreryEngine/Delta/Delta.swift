/// The index of the newest versions, as one immutable value: batches, oldest first.
struct Delta: Sendable {
    private(set) var batches: [DeltaBatch] = []
    /// Which hashes its batches may have, once they are many.
    private var filter: DeltaFilter?

    /// Batches larger than this are left as they are.
    private static let mergedVersionsMax = 4096
    /// Versions from which on a filter is worth its memory.
    private static let filteredVersionsMin = 1024

    /// The number of versions, superseded ones and tombstones included.
    var count: Int { batches.reduce(0) { $0 + $1.count } }
    var isEmpty: Bool { batches.isEmpty }
    var firstVersion: UInt64? { batches.first?.firstVersion }
    var lastVersion: UInt64? { batches.last?.lastVersion }

    /// Adds the next group, merging small batches so that sizes fall from old to new.
    mutating func append(_ batch: DeltaBatch) {
        addToFilter(batch)
        var newest = batch
        while let last = batches.last, last.selection == newest.selection, last.count <= 2 * newest.count,
            last.count + newest.count <= Self.mergedVersionsMax
        {
            newest = DeltaBatch.merging(last, newest)
            batches.removeLast()
        }
        batches.append(newest)
    }

    private mutating func addToFilter(_ batch: DeltaBatch) {
        if let filter { return filter.insert(batch) }
        guard count + batch.count >= Self.filteredVersionsMin else { return }
        let made = DeltaFilter()
        for each in batches { made.insert(each) }
        made.insert(batch)
        filter = made
    }

    /// Whether there may be a version of the item of a hash.
    func mayContain(_ hash: UInt64) -> Bool { filter?.mayContain(hash) ?? true }

    func supersedes(_ version: UInt64) -> Bool {
        batches.contains { $0.supersedes(version) }
    }

    /// What was indexed of all its versions; nil when empty.
    var selection: IndexSelection? { batches.first?.selection }

    /// All batches as one, for a flush; nil when empty.
    func merged(pace: UpkeepPace) throws(EngineError) -> DeltaBatch? {
        var rest = batches
        // Neighbours in pairs, so that each entry moves about log2(batches) times.
        while rest.count > 1 {
            var next: [DeltaBatch] = []
            for index in stride(from: 0, to: rest.count, by: 2) {
                next.append(index + 1 < rest.count ? .merging(rest[index], rest[index + 1]) : rest[index])
                try pace.breathe()
            }
            rest = next
        }
        return rest.first
    }
}
