import Foundation
import Synchronization

/// Runs asynchronous work to its end, from code that is not asynchronous itself.
func wait(for body: @escaping @Sendable () async throws -> Void) throws {
    let isOver = DispatchSemaphore(value: 0)
    let failure = Mutex<(any Error)?>(nil)
    Task {
        do { try await body() } catch { failure.withLock { $0 = error } }
        isOver.signal()
    }
    isOver.wait()
    if let error = failure.withLock({ $0 }) { throw error }
}
