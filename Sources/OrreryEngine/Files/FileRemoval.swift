internal import Glibc
internal import Synchronization

/// Removes a file when the last owner lets go, if it was told to.
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

    /// The name goes at once, and what the file takes on the disk on a thread of its own: to free some hundred
    /// megabytes takes the file system tens of milliseconds, and whoever lets go of a view last may be a committer.
    deinit {
        guard isArmed.load(ordering: .relaxed) else { return }
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        // A file that cannot be removed is an orphan, which the next opening clears away.
        _ = unsafe unlink(path)
        if descriptor >= 0 { Self.disposal.submit { _ = close(descriptor) } }
    }

    /// Closes files that have no name any more.
    private static let disposal = WorkerPool(threadCount: 1)
}
