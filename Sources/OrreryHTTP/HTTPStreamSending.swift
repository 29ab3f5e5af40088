import CMicroHTTPD

/// A body stream on its way to one connection: what the library's calls for more find.
@safe final class HTTPStreamSending: @unchecked Sendable {
    // `@unchecked`: the pointer is handed on to the library alone, on the connection's own thread.
    private let connection: OpaquePointer
    private let stream: HTTPBodyStream
    private let dispatcher: HTTPDispatcher

    /// A connection's share of a buffer that the library asks to be filled.
    private static let blockBytes = 1024

    init(_ stream: HTTPBodyStream, to connection: OpaquePointer, _ dispatcher: HTTPDispatcher) {
        self.stream = stream
        unsafe self.connection = connection
        self.dispatcher = dispatcher
    }

    /// The library's response; nil where it has no memory for one. The stream ends with it.
    func makeResponse() -> OpaquePointer? {
        dispatcher.insertStream(stream)
        let response = unsafe MHD_create_response_from_callback(
            .max, Self.blockBytes,
            { context, _, buffer, byteCount in
                guard let context = unsafe context, let buffer = unsafe buffer else { return endOfStream }
                let sending = unsafe Unmanaged<HTTPStreamSending>.fromOpaque(context).takeUnretainedValue()
                let room = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: byteCount)
                return unsafe sending.stream.read(into: room, of: sending.connection) ?? endOfStream
            }, Unmanaged.passRetained(self).toOpaque(),
            { context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<HTTPStreamSending>.fromOpaque(context).takeRetainedValue().end()
            })
        if unsafe response == nil {
            unsafe Unmanaged.passUnretained(self).release()
            end()
        }
        return unsafe response
    }

    private func end() {
        stream.end()
        dispatcher.removeStream(stream)
    }
}

/// `MHD_CONTENT_READER_END_OF_STREAM`, a macro that Swift does not import.
private let endOfStream = -1
