internal import Glibc
internal import Synchronization

/// Written room at the end of a log file, a step ahead of what the log uses.
///
/// A commit into room that was written before changes no metadata of the file, which makes its flush a quarter
/// cheaper (Docs/Architecture.md, "Room ahead"). Reserving blocks without writing them gains almost nothing, for the
/// first write to a reserved block changes metadata again.
final class LogRoom: Sendable {
    private struct State: ~Copyable {
        let descriptor: Int32
        var writtenBytes: Int

        deinit {
            if descriptor >= 0 { _ = close(descriptor) }
        }
    }

    /// Small logs stay small.
    private static let usedBytesMin = 1 << 20
    /// Larger steps delay the commit that flushes them; smaller ones gain less.
    private static let stepBytes = 128 << 10

    private let state: Mutex<State>

    /// - Parameter path: the log's file, which is there.
    init(path: String) {
        // Without a descriptor there is no room ahead, and all else works.
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
        let end = descriptor >= 0 ? lseek(descriptor, 0, SEEK_END) : 0
        state = Mutex(State(descriptor: descriptor, writtenBytes: Int(end)))
    }

    /// Sees to it that there is room behind the used bytes. Only the log's one writer calls this, and between its
    /// transactions: what is written here must not be used yet.
    func keepAhead(ofUsedBytes usedBytes: Int) {
        guard usedBytes >= Self.usedBytesMin else { return }
        state.withLock { state in
            guard state.descriptor >= 0 else { return }
            // A large group may have run past the room.
            state.writtenBytes = max(state.writtenBytes, usedBytes)
            guard state.writtenBytes - usedBytes < Self.stepBytes else { return }
            let zeros = [UInt8](repeating: 0, count: Self.stepBytes)
            // A short or failed write leaves less room or none, which costs time and nothing else.
            let count = unsafe zeros.withUnsafeBytes { bytes in
                unsafe pwrite(state.descriptor, bytes.baseAddress, bytes.count, off_t(state.writtenBytes))
            }
            if count > 0 { state.writtenBytes += count }
        }
    }
}
