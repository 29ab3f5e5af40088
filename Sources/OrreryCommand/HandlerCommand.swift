import Dispatch
import OrreryCosmos
import OrreryDocuments
import OrreryHTTP
import Synchronization

/// `orrery handlers …`: asks a server or an app how its handlers fare, over HTTP, and has something done with them.
struct HandlerCommand: Equatable {
    private let method: HTTPMethod
    /// What stands behind `/_orrery/handlers`.
    private let path: String
    private let endpoint: String
    private let key: SecretReference?
    private let certificatePath: String?

    static let help = """
        usage: orrery handlers list                    how many changes each handler has yet to handle, and how old the
                                                       oldest of them is
               orrery handlers pause NAME              begin no more calls
               orrery handlers resume NAME             go on
               orrery handlers replay NAME --lsn N     hand changes over again: all behind an LSN,
                                      --time TIME      or since a time, in milliseconds since 1970
               orrery handlers redrive NAME            hand dead letters over again
               orrery handlers forget NAME             forget how far a handler is that runs nowhere any more

          --endpoint URL      the server or app (default http://127.0.0.1:8081)
          --key KEY           a key that may write (default: the public key of the emulators); may be file:PATH,
                              env:NAME or credential:NAME
          --certificate FILE  the certificate to trust, in PEM

        ORRERY_ENDPOINT and ORRERY_KEY say the same as the options.
        """

    /// Reads a command line without its first word.
    /// - Throws: `UsageError` with one line for the user.
    init(arguments: [String], environment: [String: String]) throws(UsageError) {
        let line = try CommandWords(arguments, options: ["endpoint", "key", "certificate", "lsn", "time"])
        let options = line.options
        endpoint = options["endpoint"] ?? environment["ORRERY_ENDPOINT"] ?? "http://127.0.0.1:8081"
        key = (options["key"] ?? environment["ORRERY_KEY"]).map(SecretReference.init)
        certificatePath = options["certificate"]
        (method, path) = try Self.request(line.words, options)
    }

    private static func request(
        _ words: [String], _ options: [String: String]
    ) throws(UsageError) -> (HTTPMethod, String) {
        if words == ["list"] { return (.get, "") }
        let verbs = ["pause", "resume", "replay", "redrive", "forget"]
        guard words.count == 2, let verb = words.first, verbs.contains(verb) else {
            throw UsageError("unknown command 'handlers \(words.joined(separator: " "))'; see orrery handlers --help")
        }
        let name = try CommandWords.segment(words[1], what: "a handler")
        switch verb {
        case "forget": return (.delete, "/\(name)")
        case "replay":
            let starts = ["lsn", "time"].compactMap { option in options[option].map { (option, $0) } }
            guard starts.count == 1, let (option, text) = starts.first, let number = UInt64(text) else {
                throw UsageError("handlers replay needs --lsn N or --time MILLISECONDS")
            }
            return (.post, "/\(name)/replay?\(option)=\(number)")
        default: return (.post, "/\(name)/\(verb)")
        }
    }

    /// Does it.
    /// - Returns: what is to be shown.
    /// - Throws: `UsageError` with the server's reason.
    func run() throws(UsageError) -> String {
        let response = try send()
        let json = try? JSONValue(parsing: response.body)
        guard response.status < 400 else {
            let message = json?["message"]?.string?.split(separator: "\r\n").first.map { String($0) }
            throw UsageError(message ?? "the server answered \(response.status)")
        }
        if let handlers = json?.array { return Self.table(handlers) }
        if let handled = json?["handled"]?.int64, let failed = json?["failed"]?.int64 {
            let waiting = json?["waiting"]?.int64 ?? 0
            return "\(handled) handled, \(failed) failed again" + (waiting > 0 ? ", \(waiting) wait for workers" : "")
        }
        return "done"
    }

    private func send() throws(UsageError) -> HTTPClientResponse {
        var configuration = HTTPClientConfiguration()
        configuration.addressPolicy = .everywhere
        configuration.trustedCertificatesPath = certificatePath
        let keyText = try key?.content(what: "key") ?? CosmosService.publicKey
        let base = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
        let request = HTTPClientRequest(
            method, "\(base)/_orrery/handlers\(path)", headers: [(name: "Authorization", value: "Bearer \(keyText)")])
        let client: HTTPClient
        do throws(HTTPServerError) {
            client = try HTTPClient(configuration: configuration)
        } catch {
            throw UsageError(error.description)
        }
        defer { client.stop() }
        let answer = Mutex<Result<HTTPClientResponse, HTTPClientError>>(.failure(.cancelled))
        let isOver = DispatchSemaphore(value: 0)
        client.send(request) { result in
            answer.withLock { $0 = result }
            isOver.signal()
        }
        isOver.wait()
        switch answer.withLock({ $0 }) {
        case .success(let response): return response
        case .failure(let error): throw UsageError("cannot ask \(base): \(error)")
        }
    }

    /// One line for each handler, under the columns' names.
    private static func table(_ handlers: [JSONValue]) -> String {
        func number(_ handler: JSONValue, _ name: String) -> String { "\(handler[name]?.int64 ?? 0)" }
        let rows = handlers.map { handler in
            let isTrimmed = handler["trimmedRanges"]?.array?.isEmpty == false
            let state = isTrimmed ? "trimmed" : handler["paused"]?.boolean == true ? "paused" : "running"
            return [
                handler["name"]?.string ?? "",
                "\(handler["database"]?.string ?? "")/\(handler["container"]?.string ?? "")", state,
                number(handler, "lag"), number(handler, "lagMilliseconds"), number(handler, "processed"),
                number(handler, "failed"), number(handler, "deadLettered"),
            ]
        }
        let head = ["HANDLER", "CONTAINER", "STATE", "LAG", "LAG MS", "PROCESSED", "FAILED", "DEAD LETTERS"]
        let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
        return ([head] + rows).map { row in
            zip(row, widths).map { text, width in text + String(repeating: " ", count: width - text.count) }
                .joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
