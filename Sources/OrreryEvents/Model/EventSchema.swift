/// The schemas in which events come and go, under the names of Event Grid's control plane.
public enum EventSchema: String, Sendable, Equatable, CaseIterable {
    /// Event Grid's own.
    case eventGrid = "EventGridSchema"
    /// CloudEvents 1.0.
    case cloudEvents = "CloudEventSchemaV1_0"
    /// The publisher's own JSON, from which a topic's mapping reads what it needs.
    case custom = "CustomEventSchema"

    /// The schema of that name, in a topic's `inputSchema` or a subscription's `eventDeliverySchema`, where the
    /// publisher's own schema has the name `CustomInputSchema`.
    public init?(name: String) {
        if name == "CustomInputSchema" {
            self = .custom
        } else {
            self.init(rawValue: name)
        }
    }

    /// Its name in a subscription's `eventDeliverySchema`.
    public var deliveryName: String { self == .custom ? "CustomInputSchema" : rawValue }

    /// Its name in the service's messages.
    var messageName: String {
        switch self {
        case .eventGrid: "EventGridEvent"
        case .cloudEvents: "CloudEventV10"
        case .custom: "CustomEvent"
        }
    }

    /// Whether what came in this schema can be delivered in another. CloudEvents have more than Event Grid's schema
    /// can say, so they stay what they are, as with the service (documentation, "CloudEvents v1.0 schema").
    public func canDeliver(as schema: EventSchema) -> Bool {
        switch self {
        case .eventGrid: schema != .custom
        case .cloudEvents: schema == .cloudEvents
        case .custom: true
        }
    }
}
