import CCurl

/// One of the library's handles: a request that is on its way, or room for the next one. Options that cannot fail but
/// for want of memory are not asked whether they did.
@safe struct CurlHandle {
    let pointer: UnsafeMutableRawPointer
    private var headerList: UnsafeMutablePointer<curl_slist>?

    init?() {
        guard let pointer = unsafe curl_easy_init() else { return nil }
        unsafe self.pointer = pointer
        unsafe headerList = nil
    }

    /// What the handle is known by.
    var key: UInt { UInt(bitPattern: unsafe pointer) }

    /// Sets a fresh or reset handle up. `transfer` must live until the handle leaves the library's hands.
    mutating func prepare(for transfer: HTTPClientTransfer, _ configuration: HTTPClientConfiguration) {
        unsafe headerList = Self.headerList(transfer.request)
        setRequest(transfer.request)
        setLimits(transfer.request, configuration)
        unsafe setCallbacks(Unmanaged.passUnretained(transfer).toOpaque())
    }

    /// Lets go of what belongs to the request; the handle may be used again.
    mutating func reset() {
        unsafe curl_easy_reset(pointer)
        unsafe curl_slist_free_all(headerList)
        unsafe headerList = nil
    }

    /// Gives the handle back. It must not be used any more.
    func destroy() {
        unsafe curl_easy_cleanup(pointer)
    }

    /// Takes up what was set aside.
    func resume() {
        _ = unsafe curl_easy_pause(pointer, CURLPAUSE_CONT)
    }

    private func setRequest(_ request: HTTPClientRequest) {
        set(CURLOPT_URL, request.url)
        switch (request.method, request.body.isEmpty) {
        case (.head, _): set(CURLOPT_NOBODY, 1)
        case _ where request.upload != nil: setUpload(request)
        case (.get, true): set(CURLOPT_HTTPGET, 1)
        case (.delete, true), (.options, true), (.other, true):
            set(CURLOPT_HTTPGET, 1)
            set(CURLOPT_CUSTOMREQUEST, request.method.name)
        default:
            // The library copies the body, and a size of zero is a body too.
            _ = unsafe orrery_curl_set_size(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
            unsafe request.body.withUnsafeBytes { bytes in
                if let start = bytes.baseAddress {
                    _ = unsafe orrery_curl_set_pointer(pointer, CURLOPT_COPYPOSTFIELDS, start)
                } else {
                    set(CURLOPT_COPYPOSTFIELDS, "")
                }
            }
            set(CURLOPT_CUSTOMREQUEST, request.method.name)
        }
        _ = unsafe orrery_curl_set_pointer(pointer, CURLOPT_HTTPHEADER, headerList)
    }

    private func setUpload(_ request: HTTPClientRequest) {
        set(CURLOPT_UPLOAD, 1)
        // Without a length the library sends chunks.
        let length = request.upload?.lengthBytes ?? -1
        _ = unsafe orrery_curl_set_size(pointer, CURLOPT_INFILESIZE_LARGE, curl_off_t(length))
        set(CURLOPT_FRESH_CONNECT, 1)
        set(CURLOPT_CUSTOMREQUEST, request.method.name)
    }

    private func setLimits(_ request: HTTPClientRequest, _ configuration: HTTPClientConfiguration) {
        // What the environment says of proxies is not meant for a server, and no other protocol is spoken.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_TCP_NODELAY, 1)
        set(CURLOPT_TIMEOUT_MS, max(1, request.timeoutMilliseconds))
        let connectTimeout = request.connectTimeoutMilliseconds ?? configuration.connectTimeoutMilliseconds
        set(CURLOPT_CONNECTTIMEOUT_MS, max(1, connectTimeout))
        if let path = configuration.trustedCertificatesPath { set(CURLOPT_CAINFO, path) }
    }

    private func setCallbacks(_ context: UnsafeMutableRawPointer) {
        _ = unsafe orrery_curl_set_reader(pointer, CURLOPT_HEADERFUNCTION, onHeader)
        _ = unsafe orrery_curl_set_pointer(pointer, CURLOPT_HEADERDATA, context)
        _ = unsafe orrery_curl_set_reader(pointer, CURLOPT_WRITEFUNCTION, onBody)
        _ = unsafe orrery_curl_set_pointer(pointer, CURLOPT_WRITEDATA, context)
        _ = unsafe orrery_curl_set_reader(pointer, CURLOPT_READFUNCTION, onUpload)
        _ = unsafe orrery_curl_set_pointer(pointer, CURLOPT_READDATA, context)
        _ = unsafe orrery_curl_set_socket_opener(pointer, onSocket)
        _ = unsafe orrery_curl_set_pointer(pointer, CURLOPT_OPENSOCKETDATA, context)
    }

    private func set(_ option: CURLoption, _ value: Int) {
        _ = unsafe orrery_curl_set_number(pointer, option, value)
    }

    private func set(_ option: CURLoption, _ value: String) {
        _ = unsafe value.withCString { unsafe orrery_curl_set_pointer(pointer, option, $0) }
    }

    /// The request's headers, with those kept away that the library would add by itself.
    private static func headerList(_ request: HTTPClientRequest) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        for name in ["Expect", "Accept", "Content-Type"]
        where !request.headers.contains(where: { $0.name.lowercased() == name.lowercased() }) {
            unsafe list = curl_slist_append(list, name + ":")
        }
        for (name, value) in request.headers {
            // With a colon and nothing behind it the library would leave the header out.
            unsafe list = curl_slist_append(list, value.isEmpty ? name + ";" : name + ": " + value)
        }
        return unsafe list
    }
}

// Safe, all four: the context is the transfer that the client's thread keeps until its handle is taken away, and the
// library calls back on that thread alone, with buffers of the length it tells.

private let onHeader: curl_write_callback = { bytes, size, count, context in
    guard let context = unsafe context else { return 0 }
    let transfer = unsafe Unmanaged<HTTPClientTransfer>.fromOpaque(context).takeUnretainedValue()
    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    return unsafe transfer.takeHeaderLine(line) ? size * count : 0
}

private let onBody: curl_write_callback = { bytes, size, count, context in
    guard let context = unsafe context else { return 0 }
    let transfer = unsafe Unmanaged<HTTPClientTransfer>.fromOpaque(context).takeUnretainedValue()
    return unsafe transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
}

private let onUpload: curl_write_callback = { bytes, size, count, context in
    guard let context = unsafe context else { return Int(CURL_READFUNC_ABORT) }
    let transfer = unsafe Unmanaged<HTTPClientTransfer>.fromOpaque(context).takeUnretainedValue()
    return unsafe transfer.giveBody(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
}

private let onSocket: curl_opensocket_callback = { context, _, address in
    guard let context = unsafe context, let address = unsafe address else { return CURL_SOCKET_BAD }
    return unsafe Unmanaged<HTTPClientTransfer>.fromOpaque(context).takeUnretainedValue().openSocket(address)
}
