internal import OrreryEngine
public import OrreryKeys
internal import Synchronization

/// When partitions are split: where a container may use more request units than they serve, and where one grows too
/// large. Splits run one after the other on a thread of their own, while the partition serves (`PartitionSplit`).
///
/// A range whose split has begun says so in the catalog, so that a split that a crash or a full disk cut short is begun
/// anew. What a client is told is pending is simply what is due.
extension Account {
    /// Has the partitions of all containers looked at, as far as that needs no partition to be open.
    func resumeSplits() {
        splitRequests.handle { [weak self] container in
            guard let self else { return }
            store.submitSplit { [weak self] in self?.splitWhileDue(container) }
        }
        for database in catalog.list(.database, under: nil) {
            for container in catalog.list(.container, under: database.resourceID).map(\.resourceID)
            where dueSplit(of: container) != nil {
                let isBegun = partitionKeyRanges(of: container).contains(where: \.isSplitting)
                splitRequests.note(container, isSplitting: isBegun)
                splitRequests.add(container)
            }
        }
    }

    /// Whether a container has fewer partitions than its throughput needs, or one that is being split.
    public func isSplitPending(in container: ResourceID) -> Bool {
        if splitRequests.isSplitting(container) { return true }
        let wanted = SplitPolicy.partitionCount(peak: throughput(of: container)?.peak)
        return wanted > 1 && wanted > catalog.list(.partition, under: container).count
    }

    /// Calls back once the splits that are due in a container are done, or after a time; once.
    public func whenSplit(
        _ container: ResourceID, withinMilliseconds milliseconds: Int, _ callback: @escaping @Sendable () -> Void
    ) {
        let isDone = Flag()
        let once: @Sendable () -> Void = { if isDone.raise() { callback() } }
        splitRequests.whenEnded(container, once)
        store.runLater(milliseconds: milliseconds, once)
        splitRequests.add(container)
    }

    private func dueSplit(of container: ResourceID) -> (range: PartitionKeyRange, reason: SplitPolicy.Reason)? {
        let open = store.openPartitions.filter { $0.container == container }
        let parts = partitionKeyRanges(of: container).map { range in
            SplitPolicy.Part(
                range: range, byteCount: open.first { $0.rangeNumber == range.number }?.statistics.logBytes ?? 0,
                undividedByteCount: splitRequests.undividedByteCount(range.resourceID))
        }
        return SplitPolicy(partitionBytesMax: store.partitionBytesMax)
            .due(parts, peak: throughput(of: container)?.peak)
    }

    /// How long a split that failed is not tried again.
    private static let retryMilliseconds = 10_000

    private func splitWhileDue(_ container: ResourceID) {
        splitRequests.begin(container)
        defer { splitRequests.end(container) }
        while !store.isClosing, let due = dueSplit(of: container) {
            do throws(EngineError) {
                let isSplit = try split(due.range, of: container, due.reason)
                splitRequests.note(container, isSplitting: false)
                // What cannot be divided is looked at again when it has changed.
                if !isSplit { return }
            } catch {
                guard !store.isClosing, hasContainer(container) else {
                    splitRequests.note(container, isSplitting: false)
                    return
                }
                store.report("split of range \(due.range.id) of \(container.text): \(error.message)")
                store.runLater(milliseconds: Self.retryMilliseconds) { [weak self] in
                    self?.splitRequests.add(container)
                }
                return
            }
        }
    }

    /// Answers whether the range could be divided.
    private func split(
        _ range: PartitionKeyRange, of container: ResourceID, _ reason: SplitPolicy.Reason
    ) throws(EngineError) -> Bool {
        let parent = try store.partition(of: container, rangeNumber: range.number) { [catalog] in
            Self.partitionSettings(of: container, in: catalog)
        }
        guard let boundary = try boundary(of: range, parent, reason) else {
            splitRequests.noteUndivided(range.resourceID, byteCount: parent.statistics.logBytes)
            if range.isSplitting { try mark(range, isSplitting: false) }
            return false
        }
        if !range.isSplitting { try mark(range, isSplitting: true) }
        splitRequests.note(container, isSplitting: true)
        let next = 1 + (partitionKeyRanges(of: container).flatMap { $0.parents + [$0.number] }.max() ?? range.number)
        let split = try store.beginSplit(of: parent, at: boundary.bytes, into: (next, next + 1))
        do throws(EngineError) {
            try split.copy(isCancelled: { store.isClosing || !hasContainer(container) })
            let parents = range.parents + [range.number]
            let lower = PartitionKeyRange.body(
                number: next, keys: EffectiveKeyRange(min: range.keys.min, max: boundary), parents: parents)
            let upper = PartitionKeyRange.body(
                number: next + 1, keys: EffectiveKeyRange(min: boundary, max: range.keys.max), parents: parents)
            // Whoever looks the ranges up from now on finds the children, before any of them takes a write.
            try changeRanges { () throws(EngineError) in try split.takeOver((lower, upper)) }
        } catch {
            split.abandon()
            throw error
        }
        split.begin()
        return true
    }

    /// Where to divide; nil where that cannot be done.
    private func boundary(
        of range: PartitionKeyRange, _ parent: Partition, _ reason: SplitPolicy.Reason
    ) throws(EngineError) -> EffectivePartitionKey? {
        switch reason {
        case .size:
            guard let bytes = try parent.middleKey() else { return nil }
            let key = EffectivePartitionKey(bytes: bytes)
            return range.keys.min < key && key < range.keys.max ? key : nil
        case .throughput:
            let version = (try? containerDefinition(parent.container))?.partitionKey.version ?? 2
            let halves = range.keys.slices(2, version: version)
            return halves.count == 2 ? halves[0].max : nil
        }
    }

    /// Says in the catalog that a range is being split, or that it is not after all.
    private func mark(_ range: PartitionKeyRange, isSplitting: Bool) throws(EngineError) {
        let body = PartitionKeyRange.body(
            number: range.number, keys: range.keys, parents: range.parents, isSplitting: isSplitting)
        do throws(DatabaseError) {
            try change { () throws(CatalogError) in
                _ = try catalog.replace(.partition, range.resourceID, body: body)
            }
        } catch {
            throw .storage("the catalog: \(error)")
        }
    }
}

/// Raised once.
private final class Flag: Sendable {
    private let isRaised = Atomic(false)

    /// Whether this call raised it.
    func raise() -> Bool {
        !isRaised.exchange(true, ordering: .sequentiallyConsistent)
    }
}
