internal import OrreryDocuments

/// Which events of a topic a handler is given, and how.
///
/// ```swift
/// var receiving = EventOptions()
/// receiving.types = ["Order.Placed"]
/// receiving.condition = "c.data.total > 100"
/// ```
public struct EventOptions: Sendable {
    /// The types of events; nil for all.
    ///
    /// ```swift
    /// receiving.types = ["Order.Placed", "Order.Cancelled"]
    /// ```
    public var types: [String]?
    /// What the subject begins with.
    ///
    /// ```swift
    /// receiving.subjectPrefix = "/orders/"
    /// ```
    public var subjectPrefix = ""
    /// What the subject ends with.
    ///
    /// ```swift
    /// receiving.subjectSuffix = ".jpg"
    /// ```
    public var subjectSuffix = ""
    /// A condition in the query language over the event, which is called `c`; nil for none.
    ///
    /// ```swift
    /// receiving.condition = "c.data.total > 100"
    /// ```
    public var condition: String?
    /// How often an event is delivered before it goes to the dead letters, 1 to 30.
    ///
    /// ```swift
    /// receiving.attemptsMax = 5
    /// ```
    public var attemptsMax = 30
    /// How long after its publication an event is delivered, 1 to 1,440 minutes.
    ///
    /// ```swift
    /// receiving.timeToLiveMinutes = 60
    /// ```
    public var timeToLiveMinutes = 1440
    /// How many events are being handled at the same time, 1 to 1,000.
    ///
    /// ```swift
    /// receiving.concurrentMax = 4
    /// ```
    public var concurrentMax = 16
    /// Whether an event waits until the one before it of the same subject is handled.
    ///
    /// ```swift
    /// receiving.isOrdered = true
    /// ```
    public var isOrdered = false
    /// Where events go that could not be handled, as `database/container`; nil for the server's own dead letters.
    ///
    /// ```swift
    /// receiving.deadLetterContainer = "shop/lost-events"
    /// ```
    public var deadLetterContainer: String?

    /// The options where nothing else is said.
    ///
    /// ```swift
    /// let receiving = EventOptions()
    /// ```
    public init() {}

    /// The properties of a subscription whose events go to a handler of this name.
    func properties(handler: String) -> JSONValue {
        var filter: JSONValue = [
            "subjectBeginsWith": .string(subjectPrefix), "subjectEndsWith": .string(subjectSuffix),
            "isSubjectCaseSensitive": true,
        ]
        if let types { filter["includedEventTypes"] = .array(types.map { .string($0) }) }
        if let condition { filter["where"] = .string(condition) }
        var properties: JSONValue = [
            "destination": ["endpointType": "Handler", "properties": ["name": .string(handler)]],
            "filter": filter,
            "retryPolicy": [
                "maxDeliveryAttempts": .number(attemptsMax), "eventTimeToLiveInMinutes": .number(timeToLiveMinutes),
            ],
            "maxConcurrentDeliveries": .number(concurrentMax),
            "orderedBySubject": .boolean(isOrdered),
        ]
        if let deadLetterContainer {
            properties["deadLetterDestination"] = [
                "endpointType": "Container", "properties": ["container": .string(deadLetterContainer)],
            ]
        }
        return properties
    }
}
