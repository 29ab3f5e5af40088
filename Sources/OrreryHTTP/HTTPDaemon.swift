import CMicroHTTPD
import Glibc

/// The C library's daemon, started with this project's options. It serves in poll mode: the library's epoll mode
/// stops answering when processors are scarce.
@safe struct HTTPDaemon: @unchecked Sendable {
    private let pointer: OpaquePointer
    private let threadCount: Int

    /// Starts the threads, which wait for connections to be added. `dispatcher` must outlive the daemon, and the socket
    /// stay open until `stop`: the library does not deal out connections without one, and does not use it.
    init(socket: ListenSocket, dispatcher: HTTPDispatcher) throws(HTTPServerError) {
        let configuration = dispatcher.configuration
        threadCount = max(2, configuration.threadCount ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let threadCount = threadCount
        var flags = MHD_USE_POLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
        // The library copies neither text, but reads them only while it starts.
        var certificate: [CChar] = []
        var key: [CChar] = []
        if let tls = configuration.tls {
            flags |= MHD_USE_TLS.rawValue
            certificate = tls.certificatePEM.utf8CString.map { $0 }
            key = tls.keyPEM.utf8CString.map { $0 }
        }
        let context = unsafe Unmanaged.passUnretained(dispatcher).toOpaque()
        let pointer = unsafe certificate.withUnsafeMutableBytes { certificate in
            unsafe key.withUnsafeMutableBytes { key in
                var options = unsafe Self.options(
                    configuration, socket: socket, threadCount: threadCount, context: context)
                if configuration.tls != nil {
                    unsafe options.append(option(.HTTPS_MEM_CERT, pointer: certificate.baseAddress))
                    unsafe options.append(option(.HTTPS_MEM_KEY, pointer: key.baseAddress))
                }
                unsafe options.append(option(.END))
                return unsafe orrery_start_daemon(flags, onRequest, context, &options)
            }
        }
        guard let pointer = unsafe pointer else {
            if configuration.tls != nil { throw .badCertificate }
            throw .system("start of the HTTP threads", errno)
        }
        unsafe self.pointer = pointer
        _ = unsafe MHD_quiesce_daemon(pointer)
    }

    /// Serves one more connection, which is the library's to close from here on; one too many it closes at once.
    /// - Parameter turn: which thread serves it, counted round and round.
    func add(_ descriptor: Int32, from address: SocketAddress, turn: Int) {
        let descriptor = renumbered(descriptor, turn: turn)
        _ = unsafe address.withPointer { unsafe MHD_add_connection(pointer, descriptor, $0, $1) }
    }

    /// The library deals connections out by their descriptors' numbers. These follow each other where nothing else is
    /// opened meanwhile; where every second one is another's, a single thread would have all connections.
    private func renumbered(_ descriptor: Int32, turn: Int) -> Int32 {
        let wanted = Int(descriptor) + (turn % threadCount + threadCount - Int(descriptor) % threadCount) % threadCount
        if wanted == descriptor { return descriptor }
        let other = fcntl(descriptor, F_DUPFD_CLOEXEC, Int32(clamping: wanted))
        // Without another number it is served all the same.
        guard other >= 0 else { return descriptor }
        close(descriptor)
        return other
    }

    /// Closes every connection and ends the threads. No connection may be suspended.
    func stop() {
        unsafe MHD_stop_daemon(pointer)
    }

    var openConnectionCount: Int { Int(unsafe orrery_open_connections(pointer)) }

    private static func options(
        _ configuration: HTTPServerConfiguration, socket: ListenSocket, threadCount: Int,
        context: UnsafeMutableRawPointer
    ) -> [MHD_OptionItem] {
        unsafe [
            option(.LISTEN_SOCKET, Int(socket.descriptor)),
            option(.THREAD_POOL_SIZE, threadCount),
            option(.CONNECTION_LIMIT, Int(configuration.connectionCountMax)),
            option(.PER_IP_CONNECTION_LIMIT, Int(configuration.connectionCountPerAddressMax)),
            option(.CONNECTION_TIMEOUT, Int(configuration.idleTimeoutSeconds)),
            option(.CONNECTION_MEMORY_LIMIT, configuration.headerBytesMax + memoryBeyondHeadersBytes),
            option(.STRICT_FOR_CLIENT, 1),
            option(.SIGPIPE_HANDLED_BY_APP, 1),
            option(.URI_LOG_CALLBACK, unsafeBitCast(onTarget, to: Int.self), pointer: context),
            option(.NOTIFY_COMPLETED, unsafeBitCast(onCompletion, to: Int.self), pointer: context),
            option(.UNESCAPE_CALLBACK, unsafeBitCast(onUnescape, to: Int.self)),
        ]
    }

    /// A connection's memory holds, beside the request's head, the library's own records of each header field and the
    /// response's head.
    private static let memoryBeyondHeadersBytes = 8 * 1024
}

private func option(
    _ name: MHD_OPTION, _ value: Int = 0, pointer: UnsafeMutableRawPointer? = nil
) -> MHD_OptionItem {
    unsafe MHD_OptionItem(option: name, value: value, ptr_value: pointer)
}

/// The request line has come: makes the exchange, which the library keeps for us until `onCompletion`.
private let onTarget:
    @convention(c) (
        UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?
    ) -> UnsafeMutableRawPointer? = { context, target, connection in
        guard let context = unsafe context, let target = unsafe target, let connection = unsafe connection else {
            return nil
        }
        let dispatcher = unsafe Unmanaged<HTTPDispatcher>.fromOpaque(context).takeUnretainedValue()
        let bytes = unsafe Array(UnsafeRawBufferPointer(start: target, count: strlen(target)))
        let exchange = unsafe HTTPExchange(dispatcher: dispatcher, connection: connection, target: bytes)
        return unsafe Unmanaged.passRetained(exchange).toOpaque()
    }

private let onRequest: MHD_AccessHandlerCallback = { _, _, _, method, _, piece, pieceByteCount, exchange in
    guard let pointer = unsafe exchange?.pointee, let method = unsafe method,
        let pieceByteCount = unsafe pieceByteCount
    else { return .NO }
    let exchange = unsafe Unmanaged<HTTPExchange>.fromOpaque(pointer).takeUnretainedValue()
    return unsafe exchange.advance(method: method, piece: piece, pieceByteCount: pieceByteCount)
}

private let onCompletion: MHD_RequestCompletedCallback = { _, _, exchange, _ in
    guard let pointer = unsafe exchange?.pointee else { return }
    unsafe exchange?.pointee = nil
    let exchange = unsafe Unmanaged<HTTPExchange>.fromOpaque(pointer).takeRetainedValue()
    exchange.end()
}

/// Leaves text as it is: decoding is the routes' business, who must tell `%2F` from `/` and a bad escape from none.
private let onUnescape:
    @convention(c) (
        UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<CChar>?
    ) -> Int = { _, _, text in
        guard let text = unsafe text else { return 0 }
        return unsafe strlen(text)
    }
