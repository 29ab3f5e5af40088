// Glibc's module does not always claim `sockaddr`; then the compiler finds it through one of these.
import CCurl
import CMicroHTTPD
import Glibc

/// The C library's socket address, of either family.
struct SocketAddress {
    private var storage = sockaddr_storage()

    init() {}

    /// Copies an address as the C library gives it: IPv4, IPv6, or another family of which only the family is kept.
    init(_ address: UnsafePointer<sockaddr>) {
        let family = Int32(unsafe address.pointee.sa_family)
        // Safe: the family says which structure the pointer leads to, and each fits into the storage.
        unsafe withUnsafeMutableBytes(of: &storage) { storage in
            unsafe storage.copyMemory(
                from: UnsafeRawBufferPointer(start: address, count: Int(Self.byteCount(ofFamily: family))))
        }
    }

    var family: Int32 { Int32(storage.ss_family) }

    var port: UInt16 {
        switch family {
        case AF_INET: UInt16(bigEndian: ipv4.sin_port)
        case AF_INET6: UInt16(bigEndian: ipv6.sin6_port)
        default: 0
        }
    }

    /// The address as requests carry it.
    var peer: HTTPPeerAddress {
        switch family {
        case AF_INET:
            return HTTPPeerAddress(ipv4: UInt32(bigEndian: ipv4.sin_addr.s_addr), port: port)
        case AF_INET6:
            let words = unsafe unsafeBitCast(ipv6.sin6_addr, to: (UInt64, UInt64).self)
            return HTTPPeerAddress(
                ipv6High: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1), port: port)
        default:
            return .unknown
        }
    }

    /// Gives the address to a system call that reads one.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var copy = storage
        let count = Self.byteCount(ofFamily: family)
        return unsafe withUnsafePointer(to: &copy) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, count) }
        }
    }

    /// Gives the storage to a system call that writes an address.
    mutating func fill<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        var count = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, &count) }
        }
    }

    // Safe, both: the storage is larger than either structure and zeroed where nothing was written.
    private var ipv4: sockaddr_in {
        unsafe withUnsafeBytes(of: storage) { unsafe $0.load(as: sockaddr_in.self) }
    }

    private var ipv6: sockaddr_in6 {
        unsafe withUnsafeBytes(of: storage) { unsafe $0.load(as: sockaddr_in6.self) }
    }

    private static func byteCount(ofFamily family: Int32) -> socklen_t {
        switch family {
        case AF_INET: socklen_t(MemoryLayout<sockaddr_in>.size)
        case AF_INET6: socklen_t(MemoryLayout<sockaddr_in6>.size)
        default: socklen_t(MemoryLayout<sa_family_t>.size)
        }
    }
}
