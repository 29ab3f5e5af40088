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

    deinit {
        // A file that cannot be removed is an orphan, which the next opening clears away.
        if isArmed.load(ordering: .relaxed) { _ = unsafe unlink(path) }
    }
}
