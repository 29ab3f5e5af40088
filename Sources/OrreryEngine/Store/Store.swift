public import OrreryKeys
internal import Synchronization

/// One data directory: its lock, the catalog, and the partitions opened so far.
public final class Store: Sendable {
    /// The path of the directory.
    public let directory: String
    public let catalog: Catalog
    let configuration: EngineConfiguration
    private let lock: StoreLock
    private let hashing: ItemHash
    private let pools: EnginePools
    let uses = PartitionUses()
    private let slots = Mutex(Slots())

    private struct PartitionKey: Hashable {
        let container: ResourceID
        let rangeNumber: UInt64
    }

    private struct Slots {
        var partitions: [PartitionKey: PartitionSlot] = [:]
        /// Those that splits build and nobody finds yet. The split removes their files where it comes to nothing.
        var unlisted: Set<PartitionKey> = []
        var isClosed = false
    }

    /// Opens a data directory, making it where it is missing.
    ///
    /// - Throws: `.locked` when another process has it open, `.newerFormat`, `.damaged`, `.storage`.
    public init(directory: String, configuration: EngineConfiguration = EngineConfiguration()) throws(EngineError) {
        self.directory = directory
        self.configuration = configuration
        try Folder.make(directory)
        lock = try StoreLock(directory: directory)
        guard try DurableFile.exists(directory + "/catalog.lmdb") || Self.partitionNames(in: directory).isEmpty else {
            throw .damaged("\(directory) holds partitions, but its catalog.lmdb is missing")
        }
        do throws(CatalogError) {
            catalog = try Catalog(path: directory + "/catalog.lmdb")
            hashing = ItemHash(seed: try catalog.secret())
        } catch {
            throw .storage("\(error)")
        }
        try DurableFile.syncDirectory(of: directory + "/catalog.lmdb")
        pools = EnginePools(
            committers: WorkerPool(threadCount: configuration.committerCount),
            flushers: WorkerPool(threadCount: 1), mergers: WorkerPool(threadCount: 1),
            roomMakers: WorkerPool(threadCount: 1), splitters: WorkerPool(threadCount: 1), timer: Timer())
        removeOrphanPartitions()
    }

    /// Removes the folders of containers that the catalog no longer has: a crash may come between the two removals.
    /// And those that a split left behind: the children of one that was cut short, the parent of one that was not.
    private func removeOrphanPartitions() {
        let containers = catalog.list(.database, under: nil).flatMap { catalog.list(.container, under: $0.resourceID) }
        let known = Dictionary(
            containers.map { (Self.folderName($0.resourceID), $0.resourceID) }, uniquingKeysWith: { first, _ in first })
        for name in Self.partitionNames(in: directory) {
            let parts = name.split(separator: "-")
            if let container = known[String(parts[0])], let number = UInt64(parts[1]),
                isListed(container, rangeNumber: number) { continue }
            Folder.remove(directory + "/partitions/" + name)
        }
    }

    /// Whether the catalog has the partition. Containers whose partitions are not in it may have any.
    private func isListed(_ container: ResourceID, rangeNumber: UInt64) -> Bool {
        catalog.record(.partition, container.child(.partitionKeyRange, rangeNumber)) != nil
            || catalog.list(.partition, under: container).isEmpty
    }

    /// The names of the folders of partitions. What else stands beside them is not the store's.
    private static func partitionNames(in directory: String) -> [String] {
        Folder.names(directory + "/partitions").filter { name in
            let parts = name.split(separator: "-", omittingEmptySubsequences: false)
            return parts.count == 2 && parts[0].count == 16 && parts[0].allSatisfy(\.isHexDigit)
                && UInt64(parts[1]) != nil
        }
    }

    /// Collects what is to be indexed of a container's documents.
    public func indexing(_ selection: IndexSelection) -> IndexExtractor {
        IndexExtractor(seed: hashing.seed, selection: selection)
    }

    /// The partition of a container's range, opened (or made) on first use.
    ///
    /// - Parameter settings: asked when the partition is opened.
    /// - Throws: `.closed` when the store was closed; `.partitionGone` when the catalog has the container or the range
    ///   no more; `.newerFormat`, `.damaged`, `.storage`.
    public func partition(
        of container: ResourceID, rangeNumber: UInt64,
        settings: () -> PartitionSettings = { PartitionSettings() }
    ) throws(EngineError) -> Partition {
        try slot(of: container, rangeNumber: rangeNumber, settings: settings).partition
    }

    /// As above, with the partition's slot, where it can be found again for as long as it is open.
    public func slot(
        of container: ResourceID, rangeNumber: UInt64, settings: () -> PartitionSettings
    ) throws(EngineError) -> (slot: PartitionSlot, partition: Partition) {
        let slot = try slots.withLock { (slots) throws(EngineError) in
            if slots.isClosed { throw .closed }
            // A request may come here after its container was removed: the partition must not be made anew.
            guard catalog.record(.container, container) != nil else { throw .partitionGone }
            let key = PartitionKey(container: container, rangeNumber: rangeNumber)
            if let slot = slots.partitions[key] { return slot }
            guard isListed(container, rangeNumber: rangeNumber) else { throw .partitionGone }
            let slot = PartitionSlot(uses: uses)
            slots.partitions[key] = slot
            return slot
        }
        let started = MonotonicClock.nanoseconds()
        let found: (partition: Partition, isNew: Bool)
        do throws(EngineError) {
            found = try slot.open { () throws(EngineError) in
                try Partition(
                    directory: folder(of: container, rangeNumber), container: container, rangeNumber: rangeNumber,
                    hashing: hashing, settings: settings(), pools: pools, configuration: configuration)
            }
        } catch {
            guard error == .partitionGone else {
                // Whoever asked is told that the log says more.
                configuration.observer?.partitionFailed(error.message)
                throw error
            }
            // Its slot is closed with the store as well.
            throw isClosing ? .closed : error
        }
        if found.isNew {
            configuration.observer?.partitionOpened(nanoseconds: MonotonicClock.nanoseconds() - started)
            closeIdlePartitions()
        }
        return (slot, found.partition)
    }

    /// All slots, open or not.
    var allSlots: [PartitionSlot] { slots.withLock { Array($0.partitions.values) } }

    /// Indexes a container's items by another selection. Partitions that are not open ask for it when they are.
    public func changeSelection(of container: ResourceID, to selection: IndexSelection) {
        let slots = slots.withLock { $0.partitions.filter { $0.key.container == container }.values }
        for slot in slots { slot.openPartition?.change(to: selection) }
    }

    /// Closes a container's partitions and removes their files, once what works on them has ended. For a container that
    /// the catalog no longer has.
    public func removePartitions(of container: ResourceID) {
        let (doomed, unlisted) = slots.withLock { slots in
            let found = slots.partitions.filter { $0.key.container == container }
            for key in found.keys { slots.partitions[key] = nil }
            return (found, Set(slots.unlisted.map { folder(of: $0.container, $0.rangeNumber) }))
        }
        for slot in doomed.values { slot.close() }
        for slot in doomed.values { slot.partition?.removeFiles() }
        let prefix = Self.folderName(container) + "-"
        for name in Folder.names(directory + "/partitions") where name.hasPrefix(prefix) {
            let path = directory + "/partitions/" + name
            if !unlisted.contains(path) { Folder.remove(path) }
        }
    }

    // MARK: Splits

    /// Begins a split of a partition in two.
    /// - Parameters:
    ///   - boundary: the least effective partition key of the upper child.
    ///   - numbers: the ranges' numbers of the children; no range of the container may have had them before.
    public func beginSplit(
        of parent: Partition, at boundary: [UInt8], into numbers: (lower: UInt64, upper: UInt64)
    ) throws(EngineError) -> PartitionSplit {
        let keys = [numbers.lower, numbers.upper].map { PartitionKey(container: parent.container, rangeNumber: $0) }
        slots.withLock { $0.unlisted.formUnion(keys) }
        do throws(EngineError) {
            return PartitionSplit(
                store: self, parent: parent, lower: try unlistedPartition(numbers.lower, beside: parent),
                upper: try unlistedPartition(numbers.upper, beside: parent), boundary: boundary)
        } catch {
            slots.withLock { $0.unlisted.subtract(keys) }
            throw error
        }
    }

    /// A new, empty partition that nobody can find yet. Its items do not end while it is built.
    private func unlistedPartition(_ rangeNumber: UInt64, beside parent: Partition) throws(EngineError) -> Partition {
        let folder = folder(of: parent.container, rangeNumber)
        Folder.remove(folder)
        return try Partition(
            directory: folder, container: parent.container, rangeNumber: rangeNumber, hashing: hashing,
            settings: PartitionSettings(
                selection: parent.selection.withLock { $0 }, limitsPartitionKeys: parent.partitionKeyBytesMax != nil),
            pools: pools, configuration: configuration,
            origin: parent.currentView.segments.first?.marks ?? LogSegment.Marks(), inherited: parent.timeline)
    }

    /// Lets partitions be found that the catalog has by now.
    func list(_ partitions: [Partition]) {
        let slots = partitions.map {
            (PartitionKey(container: $0.container, rangeNumber: $0.rangeNumber), PartitionSlot($0, uses: uses))
        }
        self.slots.withLock { all in
            for (key, slot) in slots {
                all.unlisted.remove(key)
                all.partitions[key] = slot
            }
        }
    }

    /// Forgets partitions that a split gave up.
    func forget(_ partitions: [Partition]) {
        let keys = partitions.map { PartitionKey(container: $0.container, rangeNumber: $0.rangeNumber) }
        slots.withLock { $0.unlisted.subtract(keys) }
    }

    /// How long a partition that was split can still be found: by requests that had looked up its range before.
    private static let retirementMilliseconds = 5000

    /// Removes the files of a partition that was split. Those who still read it have them open.
    func retire(_ partition: Partition) {
        partition.removeFiles()
        let key = PartitionKey(container: partition.container, rangeNumber: partition.rangeNumber)
        pools.timer.submit(afterMilliseconds: Self.retirementMilliseconds) { [weak self] in
            self?.slots.withLock { $0.partitions[key] = nil }
        }
    }

    /// Does something on the thread for splits, which must look at ``isClosing`` now and then.
    public func submitSplit(_ job: @escaping @Sendable () -> Void) {
        pools.splitters.submit(job)
    }

    /// Whether the store is closed or about to be.
    public var isClosing: Bool { slots.withLock { $0.isClosed } }

    /// Log bytes of a partition beyond which it is to be split.
    public var partitionBytesMax: Int { configuration.partitionBytesMax }

    /// Milliseconds since 1970, by which items end.
    public var clock: @Sendable () -> Int64 { configuration.clock }

    /// Tells the operator of something that failed and will be tried again.
    public func report(_ failure: String) {
        configuration.observer?.maintenanceFailed(failure)
    }

    /// Does something later, on a thread where it must be quick. After ``close()`` nothing is done any more.
    public func runLater(milliseconds: Int, _ job: @escaping @Sendable () -> Void) {
        pools.timer.submit(afterMilliseconds: milliseconds, job)
    }

    /// The partitions that are open.
    public var openPartitions: [Partition] {
        allSlots.compactMap(\.openPartition).filter { !$0.isDiscarded }
    }

    /// Lets the commits that wait run out, ends the threads, and lets go of the directory.
    public func close() {
        close(endingSplits: { $0.stop() })
    }

    private func close(endingSplits: (WorkerPool) -> Void) {
        let isFirst = slots.withLock { slots in
            defer { slots.isClosed = true }
            return !slots.isClosed
        }
        guard isFirst else { return }
        // The split in progress may come to its end yet, and its children are partitions to be closed as others.
        endingSplits(pools.splitters)
        for slot in allSlots { slot.close() }
        pools.timer.stop()
        pools.committers.stop()
        pools.flushers.stop()
        pools.mergers.stop()
        slots.withLock { $0.partitions = [:] }
        lock.release()
    }

    deinit {
        // A split holds the store, so none goes on; but the last to let go of it may have been one, on its thread.
        close(endingSplits: { $0.end() })
    }

    private func folder(of container: ResourceID, _ rangeNumber: UInt64) -> String {
        "\(directory)/partitions/\(Self.folderName(container))-\(rangeNumber)"
    }

    /// The container's resource id in hexadecimal: its text form has capitals that some file systems fold.
    private static func folderName(_ container: ResourceID) -> String {
        container.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
