import OrreryHTTP

/// What a path of the control plane names. One form for both ways of writing it: the management SDKs', and this
/// server's own short one below `/_orrery/events`.
struct ControlPath: Sendable, Equatable {
    enum Target: Sendable, Equatable {
        case topics
        case topic(String)
        case namespaceTopics
        case namespace
        case subscriptions(topic: String)
        case subscription(topic: String, String)
        /// All bridges, or one.
        case bridges(String?)
        case systemTopic
    }

    var target: Target
    /// The namespace, for paths of the management SDKs that have one.
    var namespace: String?
    /// The path of the topic or the namespace as the management SDK writes it, for the answer's `id`; nil in the short
    /// form.
    var resourcePath: String?
    /// What is to be done, where the path says it: `listKeys`, `replay`.
    var action: String?

    /// Reads a path; nil for what is none.
    init?(_ segments: [String]) {
        if segments.starts(with: ["_orrery", "events"]) {
            self.init(short: Array(segments.dropFirst(2)))
        } else if let start = segments.firstIndex(where: { $0.lowercased() == "microsoft.eventgrid" }),
            start > 0, segments[start - 1].lowercased() == "providers" {
            self.init(management: segments, after: start)
        } else {
            return nil
        }
    }

    /// `topics[/T[/subscriptions[/S]]][/ACTION]`, `bridges[/B[/ACTION]]`, `systemTopic`
    private init?(short segments: [String]) {
        switch (segments.first, segments.count) {
        case ("bridges", 1...3):
            self.init(
                target: .bridges(segments.count > 1 ? segments[1] : nil),
                action: segments.count > 2 ? segments[2] : nil)
            return
        case ("systemTopic", 1):
            self.init(target: .systemTopic)
            return
        case ("topics", _): break
        default: return nil
        }
        switch segments.count {
        case 1: self.init(target: .topics)
        case 2: self.init(target: .topic(segments[1]))
        case 3 where segments[2] == "subscriptions": self.init(target: .subscriptions(topic: segments[1]))
        case 3: self.init(target: .topic(segments[1]), action: segments[2])
        case 4 where segments[2] == "subscriptions":
            self.init(target: .subscription(topic: segments[1], segments[3]))
        case 5 where segments[2] == "subscriptions":
            self.init(target: .subscription(topic: segments[1], segments[3]), action: segments[4])
        default: return nil
        }
    }

    /// `…/providers/Microsoft.EventGrid/topics/T/eventSubscriptions/S`, the same below `namespaces/N`, and with the
    /// provider named once more before `eventSubscriptions`, as for a scope.
    private init?(management segments: [String], after provider: Int) {
        var rest = Array(segments.dropFirst(provider + 1))
        rest.removeAll { ["providers", "microsoft.eventgrid"].contains($0.lowercased()) }
        var namespace: String?
        var base = provider + 1
        if rest.first?.lowercased() == "namespaces" {
            guard rest.count >= 2 else { return nil }
            namespace = rest[1]
            base += 2
            rest = Array(rest.dropFirst(2))
            if rest.isEmpty || rest[0].lowercased() != "topics" {
                guard rest.count <= 1 else { return nil }
                self.init(target: .namespace, namespace: namespace, action: rest.first)
                resourcePath = "/" + segments.prefix(base).joined(separator: "/")
                return
            }
        }
        guard rest.first?.lowercased() == "topics" else { return nil }
        let isSubscription = rest.count > 2 && rest[2].lowercased() == "eventsubscriptions"
        switch rest.count {
        case 1: self.init(target: namespace == nil ? .topics : .namespaceTopics)
        case 2: self.init(target: .topic(rest[1]))
        case 3 where isSubscription: self.init(target: .subscriptions(topic: rest[1]))
        case 3: self.init(target: .topic(rest[1]), action: rest[2])
        case 4 where isSubscription: self.init(target: .subscription(topic: rest[1], rest[3]))
        case 5 where isSubscription: self.init(target: .subscription(topic: rest[1], rest[3]), action: rest[4])
        default: return nil
        }
        self.namespace = namespace
        let length = rest.count > 1 ? base + 2 : base + 1
        resourcePath = "/" + segments.prefix(length).joined(separator: "/")
    }

    /// What a request is called where it is to be written down: it changes something, or shows keys. Nil for others.
    func auditedOperation(_ method: HTTPMethod) -> String? {
        let resource = switch target {
        case .topics, .topic, .namespaceTopics: "EventTopic"
        case .namespace: "EventNamespace"
        case .subscriptions, .subscription: "EventSubscription"
        case .bridges: "EventBridge"
        case .systemTopic: "SystemTopic"
        }
        switch method {
        case .put, .patch: return "put\(resource)"
        case .delete: return "delete\(resource)"
        case .post:
            guard let action, action.lowercased() != "dryrun" else { return nil }
            return "\(action)Of\(resource)"
        default: return nil
        }
    }

    private init(target: Target, namespace: String? = nil, action: String? = nil) {
        self.target = target
        self.namespace = namespace
        self.action = action
    }
}
