import CMicroHTTPD
import Glibc
import Synchronization

/// One request and its response on a connection, from the request line to the last byte sent.
///
/// Everything but `answer` and `abandon` runs on the one library thread that owns the connection. Those two may come
/// from any thread, and meet that thread in `progress` alone:
///
///     handling ── answer ──────────────────────► answered      the thread finds the answer when the handler returns
///     handling ── suspend ──► suspended ── answer ──► answered  whoever answers resumes the connection
///
/// A suspended connection is not watched by the library and so cannot go away; it is touched here only between the
/// suspension and the one resumption that the step out of `suspended` allows. While a body is handed over as it comes
/// (`upload`), the connection is also set aside for its reader, by `isSetAside` and in the same way.
///
/// `@unchecked`: the stored variables belong to the library's thread, except `response`, which is written once, by
/// the one caller that `isTaken` lets through, before the step to `answered`, and read only after it.
@safe final class HTTPExchange: HTTPAnswering, @unchecked Sendable {
    enum Phase {
        case head, body, upload, handled
    }

    enum Progress: UInt8, AtomicRepresentable {
        case handling, suspended, answered
    }

    let dispatcher: HTTPDispatcher
    let connection: OpaquePointer
    private let target: [UInt8]
    var phase = Phase.head
    private var method = HTTPMethod.get
    private var headers = HTTPHeaders()
    private var body: [UInt8] = []
    private var bodyByteCount = 0
    var bodyDeadlineSeconds = Int.max
    /// A body that is handed over while it comes; nil for one that is gathered here.
    var upload: HTTPUpload?
    let isSetAside = Atomic(false)

    private let isTaken = Atomic(false)
    let progress = Atomic(Progress.handling)
    private(set) var response: HTTPResponse?
    private var isSent = false
    private let isOver = Atomic(false)

    init(dispatcher: HTTPDispatcher, connection: OpaquePointer, target: [UInt8]) {
        self.dispatcher = dispatcher
        unsafe self.connection = connection
        self.target = target
        dispatcher.exchangeBegan()
    }

    /// The library's call for this request: once when the head is there, once for each piece of the body, once when
    /// the request is complete, and once more when a suspended connection was resumed. `pieceByteCount` is set to the
    /// number of bytes left unread.
    func advance(
        method name: UnsafePointer<CChar>, piece: UnsafePointer<CChar>?, pieceByteCount: UnsafeMutablePointer<Int>
    ) -> MHD_Result {
        switch phase {
        case .head:
            phase = .body
            unsafe method = HTTPMethod(String(cString: name))
            readHeaders()
            return takeHead()
        case .body, .upload:
            guard unsafe pieceByteCount.pointee > 0 else {
                if let upload { return endUpload(upload) }
                phase = .handled
                return handle()
            }
            let bytes = unsafe UnsafeRawBufferPointer(start: piece, count: pieceByteCount.pointee)
            if let upload {
                return unsafe takeUploadPiece(bytes, of: upload, leftByteCount: &pieceByteCount.pointee)
            }
            unsafe pieceByteCount.pointee = 0
            return unsafe takePiece(bytes)
        case .handled:
            return sendAnswer()
        }
    }

    /// The library's last call for this request: it was answered, or its connection was lost.
    func end() {
        if let upload {
            upload.fail(.brokenOff)
            dispatcher.removeUpload(self)
            endUnsentStream()
        }
        dispatcher.exchangeEnded()
    }

    /// Tells the writer of an answer that its client was gone before it could be sent.
    private func endUnsentStream() {
        isOver.store(true, ordering: .sequentiallyConsistent)
        if !isSent, progress.load(ordering: .sequentiallyConsistent) == .answered { response?.stream?.end() }
    }

    // MARK: Reading

    private func readHeaders() {
        headers.reserveCapacity(fields: 24, bytes: 1024)
        // Safe: the library calls back before it returns, from this thread, and nothing else looks at the fields.
        unsafe withUnsafeMutablePointer(to: &headers) { headers in
            _ = unsafe MHD_get_connection_values_n(
                connection, .HEADER_KIND,
                { headers, _, name, nameByteCount, value, valueByteCount in
                    guard let headers = unsafe headers, let name = unsafe name else { return .YES }
                    unsafe headers.assumingMemoryBound(to: HTTPHeaders.self).pointee.append(
                        name: UnsafeRawBufferPointer(start: name, count: nameByteCount),
                        value: UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueByteCount))
                    return .YES
                }, headers)
        }
    }

    /// Refuses what must not be read further, else goes on to the body.
    private func takeHead() -> MHD_Result {
        let headers = headers
        // The configuration is not copied, for it holds references that all threads share.
        guard target.count + headers.byteCount <= dispatcher.configuration.headerBytesMax else {
            return refuse(.headersTooLarge)
        }
        let lengths = headers.count(of: "content-length")
        let isChunked = headers.count(of: "transfer-encoding") > 0
        if lengths == 0 && !isChunked { return .YES }
        // A request with two lengths, or with a length and chunks, ends at one place for this server and may end at
        // another for a proxy before it (RFC 9112 section 6.3).
        guard lengths + (isChunked ? 1 : 0) == 1 else { return refuse(.malformed) }
        let length = isChunked ? nil : headers["content-length"].flatMap { Int($0) }
        if isChunked {
            guard headers["transfer-encoding"]?.lowercased() == "chunked" else { return refuse(.malformed) }
        } else {
            guard let length, length >= 0 else { return refuse(.malformed) }
        }
        if length ?? .max > dispatcher.configuration.gatheredBodyBytesMax {
            let head = request()
            if dispatcher.configuration.takesUploads(head) { return beginUpload(head, lengthBytes: length) }
        }
        if let length {
            guard length <= dispatcher.configuration.discardedBodyBytesMax else { return refuse(.bodyTooLarge) }
            if length <= dispatcher.configuration.bodyBytesMax { body.reserveCapacity(length) }
        }
        bodyDeadlineSeconds = monotonicSeconds() + Int(dispatcher.configuration.bodyTimeoutSeconds)
        return .YES
    }

    private func takePiece(_ piece: UnsafeRawBufferPointer) -> MHD_Result {
        bodyByteCount += piece.count
        if bodyByteCount > dispatcher.configuration.bodyBytesMax {
            body = []
        } else {
            unsafe body.append(contentsOf: piece)
        }
        // In the middle of a body the library takes no response, so all there is to say is to close.
        let isBounded = bodyByteCount <= dispatcher.configuration.discardedBodyBytesMax
        return isBounded && monotonicSeconds() <= bodyDeadlineSeconds ? .YES : .NO
    }

    // MARK: Handling

    private func handle() -> MHD_Result {
        if bodyByteCount > dispatcher.configuration.bodyBytesMax { return refuse(.bodyTooLarge) }
        if dispatcher.isStopping { return refuse(.stopping) }
        callHandler(request())
        if progress.load(ordering: .acquiring) == .answered { return sendAnswer() }
        return suspend()
    }

    /// The request as it has come so far.
    private func request() -> HTTPRequest {
        HTTPRequest(
            method: method, target: target, headers: headers, body: body, peer: peerAddress(),
            isTLS: dispatcher.configuration.tls != nil)
    }

    func callHandler(_ request: HTTPRequest) {
        // The request is the handler's now; what is held here would only live longer than it need.
        headers = HTTPHeaders()
        body = []
        dispatcher.handlerBegan()
        dispatcher.handler(request, HTTPResponder(self))
    }

    func suspend() -> MHD_Result {
        dispatcher.insertSuspended(self)
        unsafe MHD_suspend_connection(connection)
        let step = progress.compareExchange(
            expected: .handling, desired: .suspended, ordering: .acquiringAndReleasing)
        // The answer came between the look above and the suspension, and saw nothing to resume.
        if !step.exchanged { resume() }
        return .YES
    }

    private func resume() {
        unsafe MHD_resume_connection(connection)
        // Only now: a stop takes an empty list for leave to end the library's threads.
        dispatcher.removeSuspended(self)
    }

    func answer(_ response: HTTPResponse) -> Bool {
        if isTaken.exchange(true, ordering: .acquiringAndReleasing) {
            response.stream?.end()
            return false
        }
        self.response = response
        let before = progress.exchange(.answered, ordering: .sequentiallyConsistent)
        if before != .suspended {
            dispatcher.handlerAnswered()
            // An answer that is whole wants no more of the request.
            if response.stream == nil { upload?.discard() }
            if isOver.load(ordering: .sequentiallyConsistent) { response.stream?.end() }
        } else if let batch = AnswerBatch.current {
            batch.add(self)
        } else {
            leave()
        }
        return true
    }

    /// Has the library send the answer that a suspended connection was given.
    func leave() {
        resume()
        dispatcher.handlerAnswered()
    }

    func abandon() {
        if isTaken.load(ordering: .acquiring) { return }
        _ = answer(dispatcher.configuration.errorResponse(.abandoned))
    }

    // MARK: Answering

    func sendAnswer(closes: Bool = false) -> MHD_Result {
        guard let response else { return .NO }
        return send(response, closes: closes || dispatcher.isStopping)
    }

    /// Answers in the handler's stead and closes the connection, since what follows on it may be the rest of a body.
    func refuse(_ refusal: HTTPServerRefusal) -> MHD_Result {
        phase = .handled
        var response = dispatcher.configuration.errorResponse(refusal)
        response.status = refusal.status
        self.response = response
        return send(response, closes: true)
    }

    private func send(_ response: HTTPResponse, closes: Bool) -> MHD_Result {
        isSent = true
        let answer =
            if let stream = response.stream {
                unsafe HTTPStreamSending(stream, to: connection, dispatcher).makeResponse()
            } else {
                unsafe makeResponse(response)
            }
        guard let answer = unsafe answer else { return .NO }
        defer { unsafe MHD_destroy_response(answer) }
        unsafe addHeaders(response.headers, to: answer)
        if closes { _ = unsafe MHD_add_response_header(answer, "Connection", "close") }
        let status = (200...599).contains(response.status) ? response.status : 500
        return unsafe MHD_queue_response(connection, UInt32(status), answer)
    }

    /// The library's response; nil where it has no memory for one.
    private func makeResponse(_ response: HTTPResponse) -> OpaquePointer? {
        // Safe: the bytes belong to the array that `self.response` holds and nobody changes any more, and the library
        // holds a reference to `self` until it calls back to say that it is done with them.
        let answer = unsafe response.body.withUnsafeBytes { bytes in
            unsafe MHD_create_response_from_buffer_with_free_callback_cls(
                bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                { context in
                    if let context = unsafe context { unsafe Unmanaged<HTTPExchange>.fromOpaque(context).release() }
                }, Unmanaged.passRetained(self).toOpaque())
        }
        if unsafe answer == nil { unsafe Unmanaged.passUnretained(self).release() }
        return unsafe answer
    }

    private func addHeaders(_ headers: HTTPResponseHeaders, to answer: OpaquePointer) {
        // Safe: every name and value in the buffer ends in NUL, so each string ends within it.
        unsafe headers.bytes.withUnsafeBytes { bytes in
            var next = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            var leftCount = bytes.count
            while leftCount > 0, let name = unsafe next {
                let value = unsafe name + strlen(name) + 1
                let following = unsafe value + strlen(value) + 1
                _ = unsafe MHD_add_response_header(answer, name, value)
                leftCount -= unsafe following - name
                unsafe next = following
            }
        }
    }

    private func peerAddress() -> HTTPPeerAddress {
        guard let address = unsafe orrery_client_address(connection) else { return .unknown }
        return unsafe SocketAddress(address).peer
    }

    func monotonicSeconds() -> Int {
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &now)
        return now.tv_sec
    }
}
