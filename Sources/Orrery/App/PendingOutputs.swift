internal import OrreryDatabase
internal import OrreryTriggers
internal import Synchronization

/// What a handler of requests or times has written, until its call succeeds.
final class PendingOutputs: Sendable {
    private let outputs = Mutex<[(operation: ItemOperation, container: OrreryDatabase.Container)]>([])

    func add(_ operation: ItemOperation, in container: OrreryDatabase.Container) {
        outputs.withLock { $0.append((operation: operation, container: container)) }
    }

    /// Commits them in their order, each by itself.
    func commit() async throws(StoreError) {
        let outputs = outputs.withLock { outputs in
            defer { outputs = [] }
            return outputs
        }
        do throws(DatabaseError) {
            for output in outputs { try await output.container.commit([output.operation]) }
        } catch {
            throw StoreError(error)
        }
    }
}
