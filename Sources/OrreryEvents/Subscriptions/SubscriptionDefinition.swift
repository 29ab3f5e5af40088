public import OrreryDocuments

/// What is said of a subscription: which events of its topic go where, and how.
public struct SubscriptionDefinition: Sendable {
    public let topic: String
    public let name: String
    public var destination: DestinationDefinition
    /// Which events it is to have; nil for all.
    public let filter: Filter?
    /// In which schema events are delivered; nil for the one that each was published in.
    public var deliverySchema: EventSchema?
    /// How often a delivery is tried, the first time included.
    public var attemptsMax: Int
    /// How long after its publication an event is delivered.
    public var timeToLiveMinutes: Int
    /// How long a receiver has an event for itself.
    public var lockSeconds = 60
    /// Where events go that could not be delivered, as `database/container`; nil for the dead letters of the server.
    public var deadLetterContainer: String?
    /// When the subscription ends, in milliseconds since 1970; nil for never.
    public var expiresMilliseconds: Int64?
    /// Whether an event waits until the one before it of the same subject is settled.
    public var isOrdered = false
    /// How many deliveries are under way at once.
    public var concurrencyMax: Int
    public var deliveryLog = DeliveryLogging.all
    /// The properties as they were given: what the control plane shows.
    public var properties: JSONValue

    public static let attemptsMaxDefault = 30
    public static let pullAttemptsMaxDefault = 10
    public static let timeToLiveMinutesMaxOfPush = 1440
    public static let timeToLiveMinutesMaxOfPull = 7 * 1440
    public static let concurrencyMaxDefault = 16

    /// Whether receivers ask for its events.
    public var isPull: Bool { destination.isPull }

    /// The address of a webhook; nil for other destinations.
    var webhookURL: String? {
        if case .webhook(let webhook) = destination { webhook.url } else { nil }
    }

    /// Whether an endpoint must agree first.
    var needsAgreement: Bool {
        if case .webhook(let webhook) = destination { webhook.needsAgreement } else { false }
    }

    /// The key of a subscription among all of a server's.
    var id: String { "\(topic)/\(name)" }
}

/// Which deliveries are written down.
public enum DeliveryLogging: String, Sendable {
    case all
    /// Those that failed, and dead letters.
    case failures
    case none
}

/// Where a subscription's events go.
public enum DestinationDefinition: Sendable {
    /// To whoever asks for them.
    case pull
    case webhook(WebhookDefinition)
    /// To a function that the program registered under this name.
    case handler(String)
    /// Into a container, as `database/container`: each event an item.
    case container(String)
    /// To another topic.
    case topic(String)

    var isPull: Bool {
        if case .pull = self { true } else { false }
    }
}

/// A web address that events are sent to.
public struct WebhookDefinition: Sendable {
    public var url: String
    /// More than 1 for deliveries of several events at once.
    public var batchCountMax = 1
    public var batchBytesMax = 64 << 10
    public var headers: [DeliveryHeader] = []
    /// Secrets (`whsec_…`) that deliveries are signed with (Standard Webhooks); several while keys are changed.
    public var signingSecrets: [String] = []
    /// Whether the endpoint must agree before it is sent anything (`"validation": "none"` for one's own).
    public var needsAgreement = true

    public init(url: String) { self.url = url }

    /// The most headers of one's own (Event Grid's limit).
    public static let headersMax = 10
}

/// A header that deliveries carry.
public struct DeliveryHeader: Sendable {
    public enum Value: Sendable {
        case fixed(String, isSecret: Bool)
        /// Taken from each event, by a path such as `data.system`; deliveries of several events take the first's.
        case field(String)
    }

    public let name: String
    public let value: Value
}
