internal import CLinux
internal import Glibc
internal import Synchronization

/// A file of zeros that becomes the next segment of a log: groups are then written over what is there, and their
/// flushes change no metadata of the file system (Docs/Architecture.md, "Room ahead").
///
/// It is made beside the log, a step at a time and by one thread at a time, while the segment before it fills: made at
/// the end of the growing segment, it would delay the commits whose flushes wait for the same file. Its file goes with
/// its last owner unless a segment has taken it.
final class LogRoom: Sendable {
    /// What is written at once, small enough to hold up nobody else's flush.
    static let stepBytes = 256 << 10
    /// Groups from this size on need no room: what it costs to lengthen the file is little beside writing them, and
    /// less than writing as many zeros before.
    static let groupBytesMax = 256 << 10

    let byteCount: Int
    private let path: String
    private let descriptor: Int32
    private let removal: FileRemoval
    /// Changed by the thread that makes it.
    private let made = Atomic(0)

    static func fileName(number: UInt64) -> String { "room-\(number)" }

    /// Begins an empty one.
    init(path: String, byteCount: Int) throws(EngineError) {
        (self.path, self.byteCount) = (path, byteCount)
        descriptor = unsafe open(path, O_RDWR | O_CLOEXEC | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw DurableFile.failure("open", path) }
        removal = FileRemoval(path: path)
        removal.arm()
        // One piece of the disk, where there is one; a file system that cannot reserve writes wherever it likes.
        let code = posix_fallocate(descriptor, 0, off_t(byteCount))
        if code == ENOSPC { throw .diskFull("reserve \(path)") }
    }

    deinit {
        _ = close(descriptor)
    }

    /// How much of it is written.
    var madeBytes: Int { made.load(ordering: .relaxed) }

    /// Whether all of it is written and flushed.
    var isWhole: Bool { made.load(ordering: .acquiring) == byteCount }

    /// Writes zeros until so many bytes are there, in steps that are on the disk before the next begins. The last one
    /// is followed by a flush.
    func extend(to target: Int) throws(EngineError) {
        var end = madeBytes
        let zeros = [UInt8](repeating: 0, count: Self.stepBytes)
        while end < min(target, byteCount) {
            let count = min(Self.stepBytes, byteCount - end)
            // The slice lies within the array.
            let written = unsafe zeros.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, count, off_t(end)) }
            guard written > 0 else { throw DurableFile.failure("write", path) }
            let waiting = SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER
            _ = sync_file_range(descriptor, off_t(end), off_t(written), UInt32(waiting))
            end += written
            if end == byteCount, fsync(descriptor) != 0 { throw DurableFile.failure("flush", path) }
            made.store(end, ordering: .releasing)
        }
    }

    /// Gives the file another name, under which it stays.
    func move(to path: String) throws(EngineError) {
        guard unsafe rename(self.path, path) == 0 else { throw DurableFile.failure("rename", self.path) }
        removal.disarm()
    }
}
