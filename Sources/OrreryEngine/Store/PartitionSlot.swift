internal import Synchronization

/// A partition's place in the store: it is open there, or is opened when it is asked for, and is closed again when
/// others were asked for since. The slot's own lock is held while it is opened or closed, the store's is not.
public final class PartitionSlot: Sendable {
    private enum State {
        case unopened
        case open(Partition)
        /// Nothing is opened here any more. Those who had looked the slot up before find the partition as it was.
        case closed(Partition?)
    }

    private let state: Mutex<State>
    private let uses: PartitionUses
    /// The last use, as ``PartitionUses`` counts them.
    private let lastUse: Atomic<UInt64>

    /// A slot whose partition is open already, or will be opened when it is asked for.
    init(_ partition: Partition? = nil, uses: PartitionUses) {
        state = Mutex(partition.map { .open($0) } ?? .unopened)
        self.uses = uses
        lastUse = Atomic(uses.now)
        if partition != nil { uses.opened() }
    }

    deinit {
        if isOpen { uses.closed() }
    }

    /// The partition, if it is open. Every read and write comes by here, so it is one lock and no allocation.
    public var partition: Partition? {
        let found: Partition? = state.withLock { state in
            switch state {
            case .open(let partition), .closed(let partition?): partition
            case .closed(nil), .unopened: nil
            }
        }
        if found != nil { touch() }
        return found
    }

    /// The partition, if it is open and not closed for good; for a look that does not count as a use.
    var openPartition: Partition? {
        state.withLock { state in
            if case .open(let partition) = state { partition } else { nil }
        }
    }

    private var isOpen: Bool {
        state.withLock { state in
            if case .open = state { true } else { false }
        }
    }

    /// The partition, opened where it is not.
    /// - Throws: `.partitionGone` once the slot was closed for good; what the opening throws.
    func open(_ make: () throws(EngineError) -> Partition) throws(EngineError) -> (partition: Partition, isNew: Bool) {
        touch()
        return try state.withLock { (state) throws(EngineError) in
            switch state {
            case .open(let partition): return (partition, false)
            case .closed: throw .partitionGone
            case .unopened: break
            }
            let opened = try make()
            state = .open(opened)
            uses.opened()
            return (opened, true)
        }
    }

    /// Refuses further commits and openings, and returns once those commits that wait are acknowledged.
    func close() {
        let last: Partition? = state.withLock { state in
            guard case .open(let partition) = state else {
                state = .closed(nil)
                return nil
            }
            state = .closed(partition)
            uses.closed()
            return partition
        }
        last?.close()
    }

    private func touch() {
        let now = uses.now
        // Most uses come between two openings, and leave the line of the cache as it is.
        if lastUse.load(ordering: .relaxed) != now { lastUse.store(now, ordering: .relaxed) }
    }

    // MARK: Idle partitions

    /// When the partition was last asked for; nil where it is not open.
    var idleSince: UInt64? { isOpen ? lastUse.load(ordering: .relaxed) : nil }

    /// Lets go of the partition, and with it of its files, unless anybody has it in hand or it has something to do.
    /// Answers whether it went.
    func closeIfIdle() -> Bool {
        state.withLock { state in
            guard case .open(var partition) = state else { return false }
            state = .unopened
            // Nobody else can come by it meanwhile: they would ask this slot, or come back by way of the recall.
            let recall = partition.recall
            guard recall.forgetUnlessInUse(&partition), partition.isIdle else {
                recall.remember(partition)
                state = .open(partition)
                return false
            }
            uses.closed()
            return true
        }
    }
}

/// Counts the openings of a store's partitions. Uses are dated by them: partitions are only closed when one is opened,
/// so no finer order is needed.
final class PartitionUses: Sendable {
    private let openings = Atomic<UInt64>(0)
    private let open = Atomic(0)

    var now: UInt64 { openings.load(ordering: .relaxed) }

    /// How many partitions are open.
    var openCount: Int { open.load(ordering: .relaxed) }

    func opened() {
        openings.add(1, ordering: .relaxed)
        open.add(1, ordering: .relaxed)
    }

    func closed() {
        open.subtract(1, ordering: .relaxed)
    }
}
