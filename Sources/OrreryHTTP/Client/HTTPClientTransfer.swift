import CCurl
import CMicroHTTPD
import Glibc

/// One request on its way: what the library calls back with, and what has come so far. It is touched by the client's
/// thread alone.
final class HTTPClientTransfer {
    private static let headBytesMax = 64 * 1024

    let number: UInt64
    private let job: HTTPClientJob
    private let policy: HTTPAddressPolicy
    private var status = 0
    private var headers = HTTPHeaders()
    private var headBytes = 0
    private var isHeadTold = false
    private var body: [UInt8] = []
    private var bodyBytes = 0
    private var isPaused = false
    private var isTruncated = false
    /// What went wrong here, which the library can only tell as a callback that refused.
    private var fault: HTTPClientError?

    init(number: UInt64, job: HTTPClientJob, policy: HTTPAddressPolicy) {
        self.number = number
        self.job = job
        self.policy = policy
    }

    var request: HTTPClientRequest { job.request }

    // MARK: What comes in

    /// A line of the head, its end included. Returns whether the transfer goes on.
    func takeHeaderLine(_ line: UnsafeRawBufferPointer) -> Bool {
        headBytes += line.count
        if headBytes > Self.headBytesMax {
            fault = .tooLarge
            return false
        }
        // Trailers come after the body and are passed by.
        if isHeadTold { return true }
        var text = unsafe Array(line)[...]
        while text.last == 0x0D || text.last == 0x0A { text.removeLast() }
        if text.starts(with: "HTTP/".utf8) {
            beginHead(statusLine: text)
        } else if text.isEmpty {
            if status >= 200 { tellHead() }
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            headers.append(name: text[..<colon], value: Self.trimmed(text[(colon + 1)...]))
        }
        return true
    }

    /// Each interim answer has a head of its own before the one that counts.
    private func beginHead(statusLine: ArraySlice<UInt8>) {
        headers = HTTPHeaders()
        let word = statusLine.drop { $0 != 0x20 }.drop { $0 == 0x20 }.prefix { $0 != 0x20 }
        status = Int(String(decoding: word, as: UTF8.self)) ?? 0
    }

    private func tellHead() {
        isHeadTold = true
        guard case .streamed(let observer) = job.sink else { return }
        if observer(.head(HTTPClientResponse(status: status, headers: headers))) == .pause { isPaused = true }
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while let first = text.first, first == 0x20 || first == 0x09 { text.removeFirst() }
        while let last = text.last, last == 0x20 || last == 0x09 { text.removeLast() }
        return text
    }

    /// A piece of the body. Returns how many bytes were taken, or the library's word for "later".
    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        if isPaused { return Int(CURL_WRITEFUNC_PAUSE) }
        let count = min(bytes.count, max(0, request.responseBytesMax - bodyBytes))
        let piece = unsafe Array(bytes.prefix(count))
        bodyBytes += count
        switch job.sink {
        case .whole: body += piece
        case .streamed(let observer): if count > 0, observer(.piece(piece)) == .pause { isPaused = true }
        }
        if count < bytes.count {
            isTruncated = request.truncatesResponse
            if !isTruncated { fault = .tooLarge }
            return 0
        }
        return bytes.count
    }

    /// Fills a buffer with the next bytes of the request's body. Returns how many, or the library's words for "later"
    /// and for giving the request up.
    func giveBody(_ room: UnsafeMutableRawBufferPointer) -> Int {
        guard let upload = request.upload else { return 0 }
        switch unsafe upload.read(into: room) {
        case .bytes(let count): return count
        case .later: return Int(CURL_READFUNC_PAUSE)
        case .end: return 0
        case .failure(let reason):
            fault = reason == .tooLarge ? .uploadTooLarge : .uploadBroken
            return Int(CURL_READFUNC_ABORT)
        }
    }

    func resume() {
        isPaused = false
    }

    /// A socket for a connection to an address, or none where the policy refuses it.
    func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        // Safe: the library keeps room for an address of any family there, and its family is set.
        let peer = unsafe withUnsafePointer(to: &address.pointee.addr) { unsafe SocketAddress($0) }.peer
        guard policy.allows(peer) else {
            fault = .refusedAddress
            return CURL_SOCKET_BAD
        }
        fault = nil
        let kind = unsafe address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        return unsafe socket(address.pointee.family, kind, address.pointee.protocol)
    }

    // MARK: The end

    /// Tells what came of it.
    func finish(_ result: CURLcode) {
        if result == CURLE_OK || (isTruncated && isHeadTold) {
            switch job.sink {
            case .whole(let completion):
                var response = HTTPClientResponse(status: status, headers: headers, body: body)
                response.isTruncated = isTruncated
                completion(.success(response))
            case .streamed(let observer): _ = observer(.finished)
            }
        } else {
            job.fail(fault ?? Self.error(result))
        }
    }

    func cancel() {
        job.fail(.cancelled)
    }

    private static func error(_ result: CURLcode) -> HTTPClientError {
        switch result {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .badRequest
        case CURLE_COULDNT_RESOLVE_HOST: .unresolved
        case CURLE_COULDNT_CONNECT: .unreachable
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE: .untrusted
        default: .broken
        }
    }
}
