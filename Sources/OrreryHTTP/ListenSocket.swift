// Glibc's module does not always claim the constants of sockets; then the compiler finds them through the others.
import CCurl
import CMicroHTTPD
import Glibc

/// A listening TCP socket. Made here rather than by the HTTP library, so that the reason for a refusal is known.
struct ListenSocket {
    let descriptor: Int32

    /// The port in host order, also where any free one was asked for.
    let port: UInt16

    /// Connections that wait to be accepted; the kernel caps it at `net.core.somaxconn`.
    private static let backlogCount: Int32 = 1024

    /// Binds to the host's first address that allows it, and listens.
    init(host: String, port: UInt16) throws(HTTPServerError) {
        var failure = HTTPServerError.badHost(host)
        for address in try Self.addresses(host: host, port: port) {
            let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue) | Self.flags, 0)
            guard descriptor >= 0 else {
                failure = .system("socket", errno)
                continue
            }
            var yes: Int32 = 1
            // Without it, a restart waits until the connections of the process before have left TIME_WAIT.
            _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
            guard unsafe address.withPointer({ unsafe bind(descriptor, $0, $1) }) == 0,
                listen(descriptor, Self.backlogCount) == 0
            else {
                let code = errno
                close(descriptor)
                failure = Self.refusal(code, host: host, port: port)
                continue
            }
            self.descriptor = descriptor
            self.port = Self.boundPort(of: descriptor)
            return
        }
        throw failure
    }

    private static let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)

    private static func refusal(_ code: Int32, host: String, port: UInt16) -> HTTPServerError {
        switch code {
        case EADDRINUSE: .addressInUse(host: host, port: port)
        case EACCES, EPERM: .notPermitted(host: host, port: port)
        case EADDRNOTAVAIL: .badHost(host)
        default: .system("bind", code)
        }
    }

    private static func boundPort(of descriptor: Int32) -> UInt16 {
        var address = SocketAddress()
        return unsafe address.fill { unsafe getsockname(descriptor, $0, $1) } == 0 ? address.port : 0
    }

    /// The host's addresses; IPv4 first, since `localhost` is expected to mean 127.0.0.1.
    private static func addresses(host: String, port: UInt16) throws(HTTPServerError) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_PASSIVE
        var first: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &first) == 0 else { throw .badHost(host) }
        defer { unsafe freeaddrinfo(first) }
        var addresses: [SocketAddress] = []
        var next = unsafe first
        while let info = unsafe next {
            if let address = unsafe info.pointee.ai_addr {
                addresses.append(unsafe SocketAddress(address))
            }
            unsafe next = info.pointee.ai_next
        }
        return addresses.filter { $0.family == AF_INET } + addresses.filter { $0.family == AF_INET6 }
    }
}

extension HTTPServerError {
    static func system(_ call: String, _ code: Int32) -> HTTPServerError {
        .system(call: call, code: code, message: unsafe String(cString: strerror(code)))
    }
}
