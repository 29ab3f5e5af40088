import CCurl

/// The library's multi handle. All but waking it belongs to the client's thread.
@safe struct CurlMulti: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer

    init?(_ configuration: HTTPClientConfiguration) {
        // The library's own start; it counts how often it was asked, and is never ended.
        guard curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK, let pointer = unsafe curl_multi_init() else {
            return nil
        }
        unsafe self.pointer = pointer
        set(CURLMOPT_MAX_HOST_CONNECTIONS, configuration.connectionsPerHostMax)
        set(CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.connectionsMax)
        set(CURLMOPT_MAXCONNECTS, configuration.connectionsMax)
    }

    private func set(_ option: CURLMoption, _ value: Int) {
        _ = unsafe orrery_curl_multi_set_number(pointer, option, max(1, value))
    }

    func wake() {
        _ = unsafe curl_multi_wakeup(pointer)
    }

    /// Hands a handle to the library.
    func add(_ handle: CurlHandle) -> Bool {
        unsafe curl_multi_add_handle(pointer, handle.pointer) == CURLM_OK
    }

    func remove(_ handle: CurlHandle) {
        _ = unsafe curl_multi_remove_handle(pointer, handle.pointer)
    }

    /// Moves every transfer on as far as it goes without waiting.
    func perform() {
        var runningCount: Int32 = 0
        _ = unsafe curl_multi_perform(pointer, &runningCount)
    }

    /// Sleeps until a socket or a timer of the library is due, or `wake` is called; at most so long.
    func sleep(milliseconds: Int32) {
        _ = unsafe curl_multi_poll(pointer, nil, 0, milliseconds, nil)
    }

    /// The key of the next handle whose transfer has ended, and how.
    func nextFinished() -> (UInt, CURLcode)? {
        var waitingCount: Int32 = 0
        while let message = unsafe curl_multi_info_read(pointer, &waitingCount) {
            if unsafe message.pointee.msg == CURLMSG_DONE, let handle = unsafe message.pointee.easy_handle {
                return (UInt(bitPattern: handle), unsafe orrery_curl_message_result(message))
            }
        }
        return nil
    }

    /// Closes every connection. Nothing may be called any more.
    func destroy() {
        _ = unsafe curl_multi_cleanup(pointer)
    }
}
