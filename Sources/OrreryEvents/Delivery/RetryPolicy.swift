public import OrreryDocuments

/// How long a subscription goes on trying to deliver an event.
public struct RetryPolicy: Sendable, Equatable {
    public static let attemptsRange = 1...30
    public static let timeToLiveMinutesRange = 1...1_440

    /// Tries of one event, the first included.
    public var deliveryAttemptsMax: Int
    /// From an event's publication on.
    public var timeToLiveMinutes: Int

    /// The service's defaults are its largest values.
    public init(deliveryAttemptsMax: Int = 30, timeToLiveMinutes: Int = 1_440) {
        self.deliveryAttemptsMax = deliveryAttemptsMax
        self.timeToLiveMinutes = timeToLiveMinutes
    }

    /// Reads `{"maxDeliveryAttempts":30,"eventTimeToLiveInMinutes":1440}`.
    public init(_ node: JSONNode) throws(EventError) {
        self.init()
        deliveryAttemptsMax =
            try Self.number(node, "maxDeliveryAttempts", in: Self.attemptsRange) ?? deliveryAttemptsMax
        timeToLiveMinutes =
            try Self.number(node, "eventTimeToLiveInMinutes", in: Self.timeToLiveMinutesRange) ?? timeToLiveMinutes
    }

    private static func number(
        _ node: JSONNode, _ name: String, in range: ClosedRange<Int>
    ) throws(EventError) -> Int? {
        guard let member = node[name], !member.isNull else { return nil }
        guard let value = member.int64.flatMap({ Int(exactly: $0) }), range.contains(value) else {
            throw EventError(.badRequest, "\(name) must be between \(range.lowerBound) and \(range.upperBound).")
        }
        return value
    }

    /// The policy as the control plane shows it.
    public var value: JSONValue {
        [
            "maxDeliveryAttempts": .number(deliveryAttemptsMax),
            "eventTimeToLiveInMinutes": .number(timeToLiveMinutes),
        ]
    }
}
