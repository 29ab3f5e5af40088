import Glibc

/// A stream socket of the local machine that stands as a file in the data directory, so that the right to use it is the
/// right to use the directory.
struct LocalSocket {
    let descriptor: Int32

    /// Where the socket of a data directory is.
    static func path(in directory: String) -> String { directory + "/control.sock" }

    /// No request or answer is larger.
    static let messageBytesMax = 1 << 16
    /// Whoever says nothing for so long is hung up on.
    private static let silenceSecondsMax = 5

    /// Takes over a socket that is open already.
    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Listens at a path, in place of a socket that a server before left there. Only the owner of the file gets in.
    /// Nil where that is not possible, for example where the path is longer than the system takes.
    static func listening(at path: String) -> LocalSocket? {
        guard var address = Self.address(path), let opened = make() else { return nil }
        _ = unsafe unlink(path)
        // Nobody can connect before `listen`, so the mode is right in time.
        let isBound = unsafe withAddress(&address) { unsafe bind(opened.descriptor, $0, $1) } == 0
        guard isBound, unsafe chmod(path, 0o600) == 0, listen(opened.descriptor, 8) == 0 else {
            opened.end()
            return nil
        }
        return opened
    }

    /// Connects to a server. Nil where none is there.
    static func connected(to path: String) -> LocalSocket? {
        guard var address = Self.address(path), let opened = make() else { return nil }
        guard unsafe withAddress(&address, { unsafe connect(opened.descriptor, $0, $1) }) == 0 else {
            opened.end()
            return nil
        }
        opened.limitSilence()
        return opened
    }

    /// Takes a socket's file away.
    static func remove(_ path: String) {
        _ = unsafe unlink(path)
    }

    /// Waits for the next client. Nil once ``interrupt()`` was called.
    func accepted() -> LocalSocket? {
        while true {
            let client = accept(descriptor, nil, nil)
            if client >= 0 {
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                let accepted = LocalSocket(descriptor: client)
                accepted.limitSilence()
                return accepted
            }
            guard errno == EINTR || errno == ECONNABORTED else { return nil }
        }
    }

    /// Everything that the other side says until it has said all; nil where it says too much, or nothing for too long.
    func readAll() -> [UInt8]? {
        var message: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return message }
            guard count > 0, message.count + count <= Self.messageBytesMax else { return nil }
            message.append(contentsOf: chunk[..<count])
        }
    }

    /// Says something, and that it was all.
    func writeAll(_ message: [UInt8]) {
        var rest = message[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Wakes whoever waits in ``accepted()``.
    func interrupt() {
        _ = shutdown(descriptor, Int32(SHUT_RDWR))
    }

    func end() {
        _ = close(descriptor)
    }

    private static func make() -> LocalSocket? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        return descriptor < 0 ? nil : LocalSocket(descriptor: descriptor)
    }

    private func limitSilence() {
        var limit = timeval(tv_sec: Self.silenceSecondsMax, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    private static func address(_ path: String) -> sockaddr_un? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // The name is an array of fixed size within the address, and ends with a zero.
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard bytes.count <= room else { return nil }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return address
    }

    private static func withAddress(
        _ address: inout sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        // Safe: every socket address begins as `sockaddr` does, and its whole size is told.
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
