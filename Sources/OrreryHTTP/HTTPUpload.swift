import Synchronization

/// A request's body that is read while it comes. What has come and was not read yet is kept, `heldBytesMax` and a piece
/// at most: whoever reads slowly makes the sender wait.
public final class HTTPUpload: Sendable {
    /// Why there is no more of a body that is not whole.
    public enum Fault: Sendable, Equatable {
        /// The sender is gone.
        case brokenOff
        /// It turned out longer than `limit(bytes:)` allows.
        case tooLarge
        /// Nobody wants the rest.
        case discarded
    }

    /// What reading comes to.
    enum Reading: Equatable {
        case bytes(Int)
        /// Nothing is there; the reader will be told when that changes.
        case later
        case end
        case failure(Fault)
    }

    /// What becomes of a piece that has come.
    enum Writing {
        case taken
        /// It was not taken: there is no room, and the sender is to wait with it until it is told to go on.
        case full
        /// Nobody will read it.
        case dropped
    }

    private struct State {
        var pending: [UInt8] = []
        /// Of `pending`.
        var readCount = 0
        var isWhole = false
        var fault: Fault?
        /// Of all that came, and of all that was read.
        var byteCount = 0
        var takenByteCount = 0
        var bytesMax = Int.max
        var isSenderWaiting = false
        var isReaderWaiting = false
        var reader: (@Sendable () -> Void)?

        var unreadCount: Int { pending.count - readCount }
    }

    private static let heldBytesMax = 256 * 1024

    /// How long the body says that it is; nil for one that comes in chunks.
    public let lengthBytes: Int?

    private let state = Mutex(State())
    /// Has the sender go on.
    private let release: @Sendable () -> Void

    /// - Parameter release: is called when the sender, who was told to wait, may go on.
    init(lengthBytes: Int?, release: @escaping @Sendable () -> Void) {
        self.lengthBytes = lengthBytes
        self.release = release
    }

    /// How much has come.
    public var byteCount: Int { state.withLock { $0.byteCount } }

    /// Whether nothing was read yet, so that it can still be read from its beginning.
    public var isUntouched: Bool { state.withLock { $0.takenByteCount == 0 && $0.fault == nil } }

    /// Breaks the body off where it turns out longer. Of several limits the smallest holds.
    public func limit(bytes bytesMax: Int) {
        let isTooLarge = state.withLock { state in
            state.bytesMax = min(state.bytesMax, bytesMax)
            return state.byteCount > state.bytesMax
        }
        if isTooLarge { fail(.tooLarge) }
    }

    /// Nobody wants the rest: it is thrown away as it comes, and what still reads finds `Fault.discarded`.
    public func discard() { fail(.discarded) }

    // MARK: The reader's side

    /// Has a closure told, each time that reading came to `later`, when it is worth trying again. It must be quick.
    func whenReadable(_ reader: @escaping @Sendable () -> Void) {
        state.withLock { $0.reader = reader }
    }

    /// Takes what has come, as much as the buffer has room for.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Reading {
        let (reading, releases) = state.withLock { state -> (Reading, Bool) in
            if let fault = state.fault { return (.failure(fault), false) }
            let count = min(buffer.count, state.unreadCount)
            guard count > 0 else {
                if state.isWhole { return (.end, false) }
                state.isReaderWaiting = true
                return (.later, false)
            }
            unsafe state.pending.withUnsafeBytes { bytes in
                // Safe: both ranges were measured just above.
                unsafe buffer.copyMemory(from: .init(rebasing: bytes[state.readCount..<(state.readCount + count)]))
            }
            state.readCount += count
            state.takenByteCount += count
            if state.unreadCount == 0 {
                state.pending.removeAll(keepingCapacity: true)
                state.readCount = 0
            }
            let releases = state.isSenderWaiting && state.unreadCount <= Self.heldBytesMax / 2
            if releases { state.isSenderWaiting = false }
            return (.bytes(count), releases)
        }
        if releases { release() }
        return reading
    }

    // MARK: The sender's side

    /// Adds a piece.
    func write(_ piece: UnsafeRawBufferPointer) -> Writing {
        let (writing, reader) = state.withLock { state -> (Writing, (@Sendable () -> Void)?) in
            state.isSenderWaiting = state.fault == nil && state.unreadCount >= Self.heldBytesMax
            if state.isSenderWaiting { return (.full, nil) }
            state.byteCount += piece.count
            if state.fault != nil { return (.dropped, nil) }
            if state.byteCount > state.bytesMax { return (.dropped, Self.fail(&state, .tooLarge)) }
            if state.readCount > state.pending.count / 2 {
                state.pending.removeFirst(state.readCount)
                state.readCount = 0
            }
            unsafe state.pending.append(contentsOf: piece)
            return (.taken, Self.takeReader(&state))
        }
        reader?()
        return writing
    }

    /// Whether the sender, who was told to wait, still has to.
    var isSenderWaiting: Bool { state.withLock { $0.isSenderWaiting } }

    /// All has come.
    func finish() {
        let reader = state.withLock { state in
            state.isWhole = true
            return Self.takeReader(&state)
        }
        reader?()
    }

    /// There will be no more; what was not read is let go of.
    func fail(_ fault: Fault) {
        let (reader, releases) = state.withLock { state in
            let releases = state.isSenderWaiting
            return (Self.fail(&state, fault), releases)
        }
        reader?()
        if releases { release() }
    }

    private static func fail(_ state: inout State, _ fault: Fault) -> (@Sendable () -> Void)? {
        state.fault = state.fault ?? fault
        (state.pending, state.readCount, state.isSenderWaiting) = ([], 0, false)
        defer { state.reader = nil }
        return takeReader(&state)
    }

    private static func takeReader(_ state: inout State) -> (@Sendable () -> Void)? {
        defer { state.isReaderWaiting = false }
        return state.isReaderWaiting ? state.reader : nil
    }
}
