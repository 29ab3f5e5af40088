internal import CLinux
internal import Glibc
internal import Synchronization

/// Removes a file when the last owner lets go, if it was told to.
///
/// The name goes at once, and what the file takes on the disk on a thread of its own: whoever lets go of a view last
/// may be a committer.
final class FileRemoval: Sendable {
    private let path: String
    private let isArmed = Atomic(false)

    init(path: String) {
        self.path = path
    }

    func arm() {
        isArmed.store(true, ordering: .relaxed)
    }

    func disarm() {
        isArmed.store(false, ordering: .relaxed)
    }

    deinit {
        guard isArmed.load(ordering: .relaxed) else { return }
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
        // A file that cannot be removed is an orphan, which the next opening clears away.
        _ = unsafe unlink(path)
        guard descriptor >= 0 else { return }
        Self.disposal.submit {
            Self.shrink(descriptor)
            _ = close(descriptor)
        }
    }

    /// Closes files, and frees those that have no name any more, one after the other.
    static let disposal = WorkerPool(threadCount: 1)

    /// What is freed at once.
    private static let stepBytes = 16 << 20

    /// Frees a file without a name from its end on, step by step: what a file system frees at once is one change of its
    /// journal, and flushes of other files wait for that, 20 to 60 ms for 250 MB.
    static func shrink(_ descriptor: Int32) {
        var status = stat()
        // One that has another name, or that somebody else has open or mapped, is not ours alone. Without a name nobody
        // opens it any more, and a lease for writing is given to nobody but the only one who has it open. Who had found
        // the name and opens the file just now has a signal sent to us, which is to be one that does nothing: the one
        // that is sent otherwise ends the process.
        guard unsafe fstat(descriptor, &status) == 0, status.st_nlink == 0,
            fcntl(descriptor, F_SETSIG, SIGURG) == 0,
            fcntl(descriptor, F_SETLEASE, F_WRLCK) == 0, fcntl(descriptor, F_SETLEASE, F_UNLCK) == 0
        else { return }
        var byteCount = Int(status.st_size)
        while byteCount > 0 {
            byteCount = max(0, byteCount - stepBytes)
            guard ftruncate(descriptor, off_t(byteCount)) == 0 else { return }
        }
    }
}
