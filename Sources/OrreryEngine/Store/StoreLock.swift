internal import Glibc
internal import Synchronization

/// Keeps a second process out of a data directory. The lock goes with the process, so a crash leaves none behind.
final class StoreLock: Sendable {
    private let descriptor: Mutex<Int32?>

    init(directory: String) throws(EngineError) {
        let path = directory + "/LOCK"
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw DurableFile.failure("open", path) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            _ = Glibc.close(opened)
            errno = code
            throw code == EWOULDBLOCK
                ? .locked("another server has \(directory) open") : DurableFile.failure("lock", path)
        }
        descriptor = Mutex(opened)
    }

    func release() {
        descriptor.withLock { descriptor in
            if let open = descriptor { _ = Glibc.close(open) }
            descriptor = nil
        }
    }

    deinit {
        release()
    }
}
