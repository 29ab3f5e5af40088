// Glibc's module does not always claim the constants of sockets; then the compiler finds them through the others.
import CCurl
import CMicroHTTPD
import Glibc

/// Takes connections as they come, on a thread of its own, and hands each on.
///
/// The library's threads would do it themselves, but race for each connection, and the one that is awake wins: often
/// one of them had all of eight clients, and the server answered on one processor of two. Handed over, connections are
/// dealt out in turn. And nobody who serves has to watch the socket for more of them.
final class ConnectionAcceptor: Sendable {
    private let socket: ListenSocket
    private let thread: HTTPThread

    /// Is given each connection's descriptor, which is its to close, the client's address, and how many came before.
    typealias Taking = @Sendable (_ descriptor: Int32, SocketAddress, _ turn: Int) -> Void

    init(_ socket: ListenSocket, _ take: @escaping Taking) throws(HTTPServerError) {
        self.socket = socket
        thread = try HTTPThread("the thread that accepts connections") { Self.run(socket, take) }
    }

    /// Takes no more connections. None is handed on once this has returned.
    func stop() {
        // Wakes the thread. Who comes from now on is refused by the system.
        _ = shutdown(socket.descriptor, Int32(SHUT_RDWR))
        thread.join()
    }

    private static func run(_ socket: ListenSocket, _ take: Taking) {
        var turn = 0
        while true {
            var address = SocketAddress()
            let descriptor = unsafe address.fill { unsafe accept(socket.descriptor, $0, $1) }
            if descriptor >= 0 {
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                take(descriptor, address, turn)
                turn += 1
                continue
            }
            switch errno {
            case EAGAIN: wait(for: socket)
            // The socket was shut down.
            case EINVAL, EBADF: return
            // No room for one more: somebody has to go first.
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: usleep(pauseMicroseconds)
            // What befell one connection that was about to come.
            default: continue
            }
        }
    }

    private static let pauseMicroseconds: UInt32 = 10_000

    private static func wait(for socket: ListenSocket) {
        var watched = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&watched, 1, -1)
    }
}
