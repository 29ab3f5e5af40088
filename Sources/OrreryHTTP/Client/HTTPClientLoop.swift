import CCurl

/// What the client's thread does: takes what it is asked, moves every transfer on, tells what came of those that ended,
/// and sleeps until a socket or another thread has something for it.
struct HTTPClientLoop: ~Copyable {
    /// How long it sleeps where nothing is to happen.
    private static let sleepMilliseconds: Int32 = 60_000
    private static let spareHandlesMax = 64

    private let multi: CurlMulti
    private let inbox: HTTPClientInbox
    private let configuration: HTTPClientConfiguration
    private var transfers: [UInt: (transfer: HTTPClientTransfer, handle: CurlHandle)] = [:]
    /// The handles' keys by their exchanges' numbers.
    private var keys: [UInt64: UInt] = [:]
    private var spare: [CurlHandle] = []

    init(_ multi: CurlMulti, _ inbox: HTTPClientInbox, _ configuration: HTTPClientConfiguration) {
        self.multi = multi
        self.inbox = inbox
        self.configuration = configuration
    }

    mutating func run() {
        while let commands = inbox.take() {
            for command in commands { obey(command) }
            multi.perform()
            finishTransfers()
            multi.sleep(milliseconds: Self.sleepMilliseconds)
        }
        for key in Array(transfers.keys) { remove(key)?.cancel() }
        for handle in spare { handle.destroy() }
        multi.destroy()
    }

    private mutating func obey(_ command: HTTPClientInbox.Command) {
        switch command {
        case .start(let number, let job): start(number, job)
        case .resume(let number):
            guard let key = keys[number], let (transfer, handle) = transfers[key] else { return }
            transfer.resume()
            handle.resume()
        case .goOnSending(let number):
            guard let key = keys[number] else { return }
            transfers[key]?.handle.resume()
        case .cancel(let number):
            guard let key = keys[number] else { return }
            remove(key)?.cancel()
        }
    }

    private mutating func start(_ number: UInt64, _ job: HTTPClientJob) {
        guard job.request.isWellFormed, var handle = spare.popLast() ?? CurlHandle() else {
            inbox.close()
            return job.fail(.badRequest)
        }
        let transfer = HTTPClientTransfer(number: number, job: job, policy: configuration.addressPolicy)
        job.request.upload?.whenReadable { [inbox] in inbox.submit(.goOnSending(number)) }
        handle.prepare(for: transfer, configuration)
        transfers[handle.key] = (transfer, handle)
        keys[number] = handle.key
        if !multi.add(handle) { remove(handle.key)?.finish(CURLE_FAILED_INIT) }
    }

    private mutating func finishTransfers() {
        while let (key, result) = multi.nextFinished() { remove(key)?.finish(result) }
    }

    /// Takes a transfer out of the library's hands. Its callbacks do not come any more.
    private mutating func remove(_ key: UInt) -> HTTPClientTransfer? {
        guard let (transfer, prepared) = transfers.removeValue(forKey: key) else { return nil }
        var handle = prepared
        multi.remove(handle)
        keys[transfer.number] = nil
        handle.reset()
        if spare.count < Self.spareHandlesMax {
            spare.append(handle)
        } else {
            handle.destroy()
        }
        inbox.close()
        return transfer
    }
}
