import OrreryDocuments
public import OrreryHTTP
import OrreryTriggers

/// The HTTP face of a host: publishing, pull delivery and the control plane.
///
/// | request | what it does |
/// |---|---|
/// | `POST /api/events` | publishes to the basic topic that the key opens |
/// | `POST /topics/TOPIC/api/events` | publishes to a basic topic |
/// | `POST /topics/TOPIC:publish` | publishes CloudEvents to a namespace topic |
/// | `POST /topics/TOPIC/eventsubscriptions/NAME:receive` | hands events over |
/// | `POST …:acknowledge`, `…:release`, `…:reject`, `…:renewLock` | says what became of them |
/// | `/subscriptions/…/providers/Microsoft.EventGrid/…`, `/_orrery/events/…` | the control plane |
public final class EventService: Sendable {
    public let host: EventHost
    /// The keys of the account that may write: each opens every topic.
    let accountKeys: @Sendable () -> [String]
    /// Whether whoever reaches the server may configure topics: on one's own machine, with the published key.
    let isOpen: Bool
    let onChange: ChangeObserver

    /// Hears of what was to be changed on the control plane, with the status of its answer.
    public typealias ChangeObserver = @Sendable (_ request: HTTPRequest, _ operation: String, _ status: Int) -> Void

    /// A service over a host.
    /// - Parameters:
    ///   - isOpen: whether a request on the control plane needs no key of the account.
    ///   - onChange: hears of each request that was to change something on the control plane, or to show keys.
    ///   - accountKeys: gives the account's keys that may write, in base64.
    public init(
        _ host: EventHost, isOpen: Bool, onChange: @escaping ChangeObserver = { _, _, _ in },
        accountKeys: @escaping @Sendable () -> [String]
    ) {
        self.onChange = onChange
        self.host = host
        self.isOpen = isOpen
        self.accountKeys = accountKeys
    }

    /// Answers a request, where it is one for events.
    /// - Returns: whether it is.
    public func handle(_ http: HTTPRequest, _ responder: HTTPResponder) -> Bool {
        guard Self.mayBeForEvents(http.rawPath), let request = EventRequest(http) else { return false }
        do throws(EventError) {
            if try answerPublishing(request, responder) { return true }
            if try answerReceiving(request, responder) { return true }
            return try answerControl(request, responder)
        } catch {
            responder.respond(EventAnswer.error(error))
            return true
        }
    }

    /// Whether a path begins as one of ours does: one byte tells most requests apart.
    public static func mayBeForEvents(_ path: ArraySlice<UInt8>) -> Bool {
        guard path.count > 3 else { return false }
        let second = path[path.startIndex + 1]
        switch second {
        case UInt8(ascii: "a"): return path.starts(with: "/api/events".utf8)
        case UInt8(ascii: "t"): return path.starts(with: "/topics/".utf8)
        case UInt8(ascii: "_"): return path.starts(with: "/_orrery/events".utf8)
        case UInt8(ascii: "s"): return path.starts(with: "/subscriptions/".utf8)
        default: return false
        }
    }

    // MARK: Who may do what

    var nowSeconds: Int64 { host.clock.nowMilliseconds() / 1000 }

    /// Checks that a request shows a key of a topic, or of the account.
    func authorize(_ request: EventRequest, for topic: Topic) throws(EventError) {
        guard let credential = PublisherCredential(request.http.headers), opens(topic, credential) else {
            throw Self.unauthorized(topic.name)
        }
    }

    private func opens(_ topic: Topic, _ credential: PublisherCredential) -> Bool {
        let now = nowSeconds
        return topic.definition.keys.all.contains { credential.holds(for: $0, nowSeconds: now) }
            || isOfAccount(credential)
    }

    /// Whether a credential is a key of the account, or was signed with one.
    func isOfAccount(_ credential: PublisherCredential) -> Bool {
        accountKeys().contains { credential.holds(for: $0, nowSeconds: nowSeconds) }
    }

    /// The basic topic that a request at `/api/events` means: the one that its key opens; with a key of the account the
    /// one named `default`, or else the first by name.
    func basicTopic(of request: EventRequest) throws(EventError) -> Topic {
        let topics = host.topics.filter { $0.definition.kind == .basic }
        guard let credential = PublisherCredential(request.http.headers) else { throw Self.unauthorized("this topic") }
        let now = nowSeconds
        let opened = topics.first { topic in
            topic.definition.keys.all.contains { credential.holds(for: $0, nowSeconds: now) }
        }
        if let opened { return opened }
        guard isOfAccount(credential) else { throw Self.unauthorized("this topic") }
        guard let topic = topics.first(where: { $0.name == "default" }) ?? topics.first else {
            throw EventError(.notFound, "There is no topic yet.")
        }
        return topic
    }

    private static func unauthorized(_ topic: String) -> EventError {
        EventError(.unauthorized, "The request authorization key is not authorized for \(topic).")
    }
}
