internal import Synchronization

/// The way back to a partition for what is to be done later. It keeps no partition open, and leads nowhere once the
/// partition was closed: the files may be another's by then.
final class PartitionRecall: Sendable {
    private struct Reference {
        weak var partition: Partition?
    }

    private let reference = Mutex(Reference())

    /// The partition, unless it was closed.
    var partition: Partition? { reference.withLock { $0.partition } }

    func remember(_ partition: Partition) {
        reference.withLock { $0.partition = partition }
    }

    /// Leads nowhere from now on, unless anybody but the caller has the partition in hand. Answers whether it does.
    func forgetUnlessInUse(_ partition: inout Partition) -> Bool {
        reference.withLock { reference in
            guard isKnownUniquelyReferenced(&partition) else { return false }
            reference.partition = nil
            return true
        }
    }
}
