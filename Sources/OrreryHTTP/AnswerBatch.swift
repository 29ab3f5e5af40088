import Glibc

/// Answers that one thread gives one after the other and that leave together.
///
/// An answer from another thread than the connection's wakes the connection's thread. Where a thread has many answers,
/// each would wake it anew, to find one connection ready and look at all the others for nothing; gathered, they wake it
/// once.
final class AnswerBatch {
    private var exchanges: [HTTPExchange] = []

    /// The batch that the running thread gathers; nil while it gathers none.
    static var current: AnswerBatch? {
        guard let pointer = unsafe pthread_getspecific(key) else { return nil }
        return unsafe Unmanaged<AnswerBatch>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Runs `body`; the answers that it gives leave when it returns.
    static func gathering(_ body: () -> Void) {
        if current != nil { return body() }
        let batch = AnswerBatch()
        withExtendedLifetime(batch) {
            // The batch lives until the thread has forgotten it.
            unsafe pthread_setspecific(key, Unmanaged.passUnretained(batch).toOpaque())
            body()
            pthread_setspecific(key, nil)
            for exchange in batch.exchanges { exchange.leave() }
        }
    }

    func add(_ exchange: HTTPExchange) {
        exchanges.append(exchange)
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key, nil)
        return key
    }()
}
