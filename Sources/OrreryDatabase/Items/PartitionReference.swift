internal import OrreryEngine
internal import OrreryKeys
internal import Synchronization

/// A container's partition, opened on first use and remembered.
final class PartitionReference: Sendable {
    private let store: Store
    private let container: ResourceID
    private let rangeNumber: UInt64
    private let settings: @Sendable () -> PartitionSettings
    private let opened = Mutex<Partition?>(nil)

    init(
        store: Store, container: ResourceID, rangeNumber: UInt64, settings: @escaping @Sendable () -> PartitionSettings
    ) {
        self.store = store
        self.container = container
        self.rangeNumber = rangeNumber
        self.settings = settings
    }

    func partition() throws(DatabaseError) -> Partition {
        if let partition = opened.withLock({ $0 }) { return partition }
        do throws(EngineError) {
            let partition = try store.partition(of: container, rangeNumber: rangeNumber, settings: settings)
            opened.withLock { $0 = partition }
            return partition
        } catch {
            throw DatabaseError(error)
        }
    }
}
