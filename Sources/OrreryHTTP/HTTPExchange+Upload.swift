import CMicroHTTPD
import Synchronization

/// Bodies that are handed over while they come. The connection is set aside while their reader has enough, and answered
/// once they are whole, for the library takes no answer in the middle of one: what nobody reads any more is thrown away
/// until then.
extension HTTPExchange {
    /// Calls the handler with a body that has yet to come.
    func beginUpload(_ head: HTTPRequest, lengthBytes: Int?) -> MHD_Result {
        if dispatcher.isStopping { return refuse(.stopping) }
        let upload = HTTPUpload(lengthBytes: lengthBytes) { [weak self] in self?.goOnReading() }
        self.upload = upload
        phase = .upload
        dispatcher.insertUpload(self)
        // The body has as long as whoever takes it gives it.
        bodyDeadlineSeconds = .max
        callHandler(head.with(upload))
        // A sender that waits for a word, or has more than would be thrown away, is told at once.
        let waits = head.headers["expect"] != nil || lengthBytes ?? 0 > dispatcher.configuration.discardedBodyBytesMax
        guard waits, progress.load(ordering: .acquiring) == .answered, response?.stream == nil else { return .YES }
        phase = .handled
        return sendAnswer(closes: true)
    }

    /// A piece that there is no room for is left with the library, which hands it over again: it would go on handing
    /// over chunks that it has, though the connection is set aside, if this one were taken.
    func takeUploadPiece(
        _ piece: UnsafeRawBufferPointer, of upload: HTTPUpload, leftByteCount: inout Int
    ) -> MHD_Result {
        switch unsafe upload.write(piece) {
        case .taken:
            leftByteCount = 0
            return .YES
        case .full:
            setAside(until: upload)
            return .YES
        case .dropped:
            leftByteCount = 0
            if bodyDeadlineSeconds == .max {
                bodyDeadlineSeconds = monotonicSeconds() + Int(dispatcher.configuration.bodyTimeoutSeconds)
            }
            return monotonicSeconds() <= bodyDeadlineSeconds ? .YES : .NO
        }
    }

    /// Has the connection wait until the body's reader wants more.
    private func setAside(until upload: HTTPUpload) {
        unsafe MHD_suspend_connection(connection)
        isSetAside.store(true, ordering: .sequentiallyConsistent)
        // The reader may have wanted more before there was anything to resume.
        if !upload.isSenderWaiting { goOnReading() }
    }

    /// Lets a connection that was set aside go on. Any thread: whoever takes the mark away resumes it.
    private func goOnReading() {
        guard isSetAside.exchange(false, ordering: .sequentiallyConsistent) else { return }
        unsafe MHD_resume_connection(connection)
    }

    /// The body is whole: now it can be answered.
    func endUpload(_ upload: HTTPUpload) -> MHD_Result {
        phase = .handled
        upload.finish()
        return progress.load(ordering: .acquiring) == .answered ? sendAnswer() : suspend()
    }
}
