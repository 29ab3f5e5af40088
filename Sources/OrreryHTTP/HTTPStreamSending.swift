import CMicroHTTPD

/// A body stream on its way to one connection: what the library's calls for more find.
@safe final class HTTPStreamSending: @unchecked Sendable {
    // `@unchecked`: the pointer is handed on to the library alone, on the connection's own thread.
    private let connection: OpaquePointer
    private let stream: HTTPBodyStream
    private let dispatcher: HTTPDispatcher

    /// Of the buffer that the library asks to be filled, where it does not fill the connection's own.
    private static let blockBytesMin = 1024
    private static let blockBytesMax = 16 * 1024

    init(_ stream: HTTPBodyStream, to connection: OpaquePointer, _ dispatcher: HTTPDispatcher) {
        self.stream = stream
        unsafe self.connection = connection
        self.dispatcher = dispatcher
    }

    /// The library's response; nil where it has no memory for one. The stream ends with it.
    func makeResponse() -> OpaquePointer? {
        dispatcher.insertStream(stream)
        let response = unsafe MHD_create_response_from_callback(
            stream.lengthBytes.map(UInt64.init(clamping:)) ?? .max,
            min(max(stream.lengthBytes ?? 0, Self.blockBytesMin), Self.blockBytesMax),
            { context, _, buffer, byteCount in
                guard let context = unsafe context, let buffer = unsafe buffer else { return endOfStream }
                let sending = unsafe Unmanaged<HTTPStreamSending>.fromOpaque(context).takeUnretainedValue()
                let room = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: byteCount)
                return switch unsafe sending.stream.read(into: room, of: sending.connection) {
                case .bytes(let count): count
                case .end: endOfStream
                case .failure: endWithError
                }
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

/// `MHD_CONTENT_READER_END_WITH_ERROR`, likewise.
private let endWithError = -2
