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
    /// The file, once its name is gone ahead of it; -1 until then.
    private let nameless = Atomic<Int32>(-1)

    init(path: String) {
        self.path = path
    }

    func arm() {
        isArmed.store(true, ordering: .relaxed)
    }

    func disarm() {
        isArmed.store(false, ordering: .relaxed)
    }

    /// Removes the name of a file that may still be read, for its folder is to go. The bytes go with the last owner.
    func removeName() {
        disarm()
        guard let descriptor = Self.unlinking(path, ifLargerThan: Self.stepBytes) else { return }
        let (isKept, _) = nameless.compareExchange(expected: -1, desired: descriptor, ordering: .relaxed)
        // Two that remove the same folder may both come by the file.
        if !isKept { _ = close(descriptor) }
    }

    deinit {
        let nameless = nameless.load(ordering: .relaxed)
        if nameless >= 0 {
            Self.free(nameless)
        } else if isArmed.load(ordering: .relaxed), let descriptor = Self.unlinking(path, ifLargerThan: 0) {
            // However small: whoever lets go of a view last frees nothing.
            Self.free(descriptor)
        }
    }

    /// Removes a file: its name at once, its bytes soon.
    static func remove(_ path: String) {
        // One that is small is freed in one step by whomever.
        if let descriptor = unlinking(path, ifLargerThan: stepBytes) { free(descriptor) }
    }

    /// Removes a name. Answers the file, which is open then, where there is more of it to free than that.
    private static func unlinking(_ path: String, ifLargerThan byteCount: Int) -> Int32? {
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
        // A file that cannot be removed is an orphan, which the next opening clears away.
        _ = unsafe unlink(path)
        guard descriptor >= 0 else { return nil }
        if lseek(descriptor, 0, SEEK_END) > off_t(byteCount) { return descriptor }
        _ = close(descriptor)
        return nil
    }

    private static func free(_ descriptor: Int32) {
        disposal.submit {
            shrink(descriptor)
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
