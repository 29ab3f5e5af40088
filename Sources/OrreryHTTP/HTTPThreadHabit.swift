import Glibc

/// Whether one of the threads that serve answers most requests itself, or has most of them answered by other threads,
/// which wake it then. Belongs to its thread.
final class HTTPThreadHabit {
    private let number: Int
    private let changed: (_ number: Int, _ answersItself: Bool) -> Void
    private var requestCount = 0
    private var ownCount = 0
    private var answersItself = false

    /// Requests after which it is looked at: so many that a change may cost a system call.
    private static let lookedAtRequests = 256

    private init(number: Int, _ changed: @escaping (Int, Bool) -> Void) {
        self.number = number
        self.changed = changed
    }

    /// The running thread's; made where it has none yet.
    static func current(in dispatcher: HTTPDispatcher) -> HTTPThreadHabit {
        if let pointer = unsafe pthread_getspecific(key) {
            return unsafe Unmanaged<HTTPThreadHabit>.fromOpaque(pointer).takeUnretainedValue()
        }
        let habit = HTTPThreadHabit(
            number: dispatcher.takeThreadNumber(), dispatcher.configuration.threadChangesHabit)
        // The thread keeps it until it ends.
        unsafe pthread_setspecific(key, Unmanaged.passRetained(habit).toOpaque())
        return habit
    }

    /// Takes down one more request.
    func note(answeredItself: Bool) {
        requestCount += 1
        if answeredItself { ownCount += 1 }
        guard requestCount == Self.lookedAtRequests else { return }
        let answersMost = ownCount > Self.lookedAtRequests / 2
        (requestCount, ownCount) = (0, 0)
        if answersMost != answersItself {
            answersItself = answersMost
            changed(number, answersMost)
        }
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key) { habit in
            if let habit = unsafe habit { unsafe Unmanaged<HTTPThreadHabit>.fromOpaque(habit).release() }
        }
        return key
    }()
}
