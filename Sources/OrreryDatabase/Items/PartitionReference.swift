internal import OrreryEngine
internal import OrreryKeys
internal import Synchronization

/// A container's partition, opened when it is asked for; its place in the store is remembered.
final class PartitionReference: Sendable {
    private let store: Store
    private let container: ResourceID
    private let rangeNumber: UInt64
    private let settings: @Sendable () -> PartitionSettings
    private let slot = Mutex<PartitionSlot?>(nil)

    init(
        store: Store, container: ResourceID, rangeNumber: UInt64, settings: @escaping @Sendable () -> PartitionSettings
    ) {
        self.store = store
        self.container = container
        self.rangeNumber = rangeNumber
        self.settings = settings
    }

    func partition() throws(DatabaseError) -> Partition {
        if let partition = slot.withLock({ $0 })?.partition { return partition }
        do throws(EngineError) {
            let found = try store.slot(of: container, rangeNumber: rangeNumber, settings: settings)
            slot.withLock { $0 = found.slot }
            return found.partition
        } catch {
            throw DatabaseError(error)
        }
    }
}
