import CMicroHTTPD
import Synchronization

/// A response body that is written while it is sent, of a length that is told beforehand or not: between two pieces
/// the connection is set aside, off the server's threads, until the next one comes.
///
/// What was written and not yet sent is kept in memory. Whoever writes bounds that by waiting for ``Event/drained``
/// before the next piece, so that a client that reads slowly keeps one piece and no more.
public final class HTTPBodyStream: Sendable {
    /// What became of what was written.
    public enum Event: Sendable {
        /// All that was written is on its way: the next piece may come.
        case drained
        /// The body is at its end, or its client is gone. Nothing written from here on goes anywhere.
        case ended
    }

    private struct State {
        var pending: [UInt8] = []
        var sentCount = 0
        var isFinished = false
        var isFailed = false
        var isEnded = false
        /// Of all that was written.
        var byteCount = 0
        var endings: [@Sendable (Int) -> Void] = []
        var suspended: SuspendedConnection?
        var observer: (@Sendable (Event) -> Void)?
    }

    /// A connection that waits for the next piece. The library does not watch it, so it cannot go away before the one
    /// resumption that taking this out of the state allows.
    @safe private struct SuspendedConnection: @unchecked Sendable {
        let pointer: OpaquePointer

        init(_ pointer: OpaquePointer) {
            unsafe self.pointer = pointer
        }

        func resume() {
            unsafe MHD_resume_connection(pointer)
        }
    }

    private let state: Mutex<State>

    /// How many bytes the body will have, where that is known beforehand; nil for one that is sent in chunks.
    let lengthBytes: Int?

    /// - Parameters:
    ///   - lengthBytes: how many bytes the body will have, where that is known. No more of it is sent, and a body that
    ///     is finished before is broken off.
    ///   - observer: is told of events, on one of the server's threads or on the one that finishes the body. It must be
    ///     quick and must not block. It is let go of after ``Event/ended``.
    public init(lengthBytes: Int? = nil, observer: @escaping @Sendable (Event) -> Void = { _ in }) {
        self.lengthBytes = lengthBytes
        state = Mutex(State(observer: observer))
    }

    /// Adds a piece. Returns whether it was taken: not once the body is finished or its client is gone.
    @discardableResult
    public func write(_ bytes: [UInt8]) -> Bool {
        let (isTaken, suspended) = state.withLock { state -> (Bool, SuspendedConnection?) in
            if state.isFinished || state.isEnded { return (false, nil) }
            if bytes.isEmpty { return (true, nil) }
            state.pending.append(contentsOf: bytes)
            state.byteCount += bytes.count
            defer { state.suspended = nil }
            return (true, state.suspended)
        }
        suspended?.resume()
        return isTaken
    }

    /// Has a closure told, when the connection is done with the body, how many bytes were written; at once where it is.
    /// It must be quick and must not block.
    public func whenEnded(_ body: @escaping @Sendable (_ byteCount: Int) -> Void) {
        let endedByteCount: Int? = state.withLock { state in
            if state.isEnded { return state.byteCount }
            state.endings.append(body)
            return nil
        }
        if let endedByteCount { body(endedByteCount) }
    }

    /// Ends the body after what was written.
    public func finish() { finish(failing: false) }

    /// Breaks the body off: its client finds the connection closed, and so knows that something is missing.
    public func fail() { finish(failing: true) }

    private func finish(failing: Bool) {
        let suspended = state.withLock { state in
            if failing, !state.isFinished { state.isFailed = true }
            state.isFinished = true
            defer { state.suspended = nil }
            return state.suspended
        }
        suspended?.resume()
    }

    // MARK: The library's side

    /// What reading comes to.
    enum Reading {
        /// So many bytes; where none, the connection was set aside.
        case bytes(Int)
        case end, failure
    }

    /// Fills a buffer with what waits, and sets the connection aside where nothing does.
    func read(into buffer: UnsafeMutableRawBufferPointer, of connection: OpaquePointer) -> Reading {
        var isDrained = false
        let reading: Reading = state.withLock { state in
            if state.isFailed { return .failure }
            let count = min(buffer.count, state.pending.count - state.sentCount)
            if count > 0 {
                unsafe state.pending.withUnsafeBytes { bytes in
                    // Safe: both ranges were measured just above.
                    unsafe buffer.copyMemory(from: .init(rebasing: bytes[state.sentCount..<(state.sentCount + count)]))
                }
                state.sentCount += count
                isDrained = state.sentCount == state.pending.count
                if isDrained { (state.pending, state.sentCount) = ([], 0) }
                return .bytes(count)
            }
            if state.isFinished { return .end }
            unsafe MHD_suspend_connection(connection)
            state.suspended = unsafe SuspendedConnection(connection)
            return .bytes(0)
        }
        if isDrained { tellDrained() }
        return reading
    }

    /// Says that the connection is done with the body.
    func end() {
        let (observer, endings, byteCount) = state.withLock { state in
            state.isEnded = true
            state.pending = []
            defer { (state.observer, state.endings) = (nil, []) }
            return (state.observer, state.endings, state.byteCount)
        }
        observer?(.ended)
        for ending in endings { ending(byteCount) }
    }

    /// Whether the body is whole: for tests without a socket.
    var isWhole: Bool { state.withLock { $0.isFinished && !$0.isFailed } }

    /// Takes what waits, in a connection's stead: for tests without a socket.
    func takePending() -> [UInt8] {
        let bytes = state.withLock { state in
            defer { (state.pending, state.sentCount) = ([], 0) }
            return Array(state.pending[state.sentCount...])
        }
        if !bytes.isEmpty { tellDrained() }
        return bytes
    }

    private func tellDrained() {
        state.withLock { $0.observer }?(.drained)
    }
}
