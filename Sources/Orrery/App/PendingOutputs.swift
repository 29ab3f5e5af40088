internal import OrreryDatabase
internal import Synchronization

/// What a handler that is no change handler puts out, until its call succeeds.
final class PendingOutputs: Sendable {
    typealias Effect = @Sendable () async throws -> Void

    private let effects = Mutex<[Effect]>([])

    func add(_ effect: @escaping Effect) {
        effects.withLock { $0.append(effect) }
    }

    /// Has them take effect in their order, each by itself.
    func commit() async throws(StoreError) {
        let effects = effects.withLock { effects in
            defer { effects = [] }
            return effects
        }
        do {
            for effect in effects { try await effect() }
        } catch let error as DatabaseError {
            throw StoreError(error)
        } catch {
            throw error as? StoreError ?? .unavailable("\(error)")
        }
    }
}
