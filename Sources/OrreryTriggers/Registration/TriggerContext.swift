public import OrreryDatabase
internal import Synchronization

/// What a call of a handler has beside its changes. What it puts out through this takes effect when the call succeeds,
/// and not otherwise.
public final class TriggerContext: Sendable {
    /// The handler's name.
    public let triggerName: String
    /// The container whose changes it handles, ready for reads and for preparing writes.
    public let container: Container
    private let outputs = Mutex<[Output]>([])

    enum Output: Sendable {
        case item(ItemOperation, Container)
        case effect(@Sendable () async throws -> Void)
    }

    init(triggerName: String, container: Container) {
        self.triggerName = triggerName
        self.container = container
    }

    /// Writes an item when the call succeeds. What stands in the trigger's own partition is committed together with the
    /// handler's progress, so that it takes effect exactly once; what stands elsewhere is committed before, at least
    /// once.
    public func write(_ operation: ItemOperation, in container: Container) {
        outputs.withLock { $0.append(.item(operation, container)) }
    }

    /// Does something when the call succeeds, before the handler's progress is kept: at least once. What it throws is
    /// the call's failure.
    public func perform(_ effect: @escaping @Sendable () async throws -> Void) {
        outputs.withLock { $0.append(.effect(effect)) }
    }

    func takeOutputs() -> [Output] {
        outputs.withLock { outputs in
            defer { outputs = [] }
            return outputs
        }
    }
}
