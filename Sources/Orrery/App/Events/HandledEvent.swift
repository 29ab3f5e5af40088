internal import OrreryEvents

/// An event, as a handler is given it.
///
/// ```swift
/// app.onEvent("orders", named: "log-orders", of: Order.self) { events, context in
///     for event in events { context.log("\(event.type) \(event.id), delivered \(event.deliveryCount) times") }
/// }
/// ```
public struct HandledEvent<Value: Sendable>: Sendable {
    /// Identifies the event together with its source: the same for every delivery.
    ///
    /// ```swift
    /// print(received.id)
    /// ```
    public let id: String
    /// Where it happened.
    ///
    /// ```swift
    /// print(received.source)
    /// ```
    public let source: String
    /// What happened, such as `Order.Placed`.
    ///
    /// ```swift
    /// print(received.type)
    /// ```
    public let type: String
    /// What it happened to; nil where nothing is said of that.
    ///
    /// ```swift
    /// print(received.subject ?? "")
    /// ```
    public let subject: String?
    /// When it happened (RFC 3339), as it was written; nil where nothing is said of that.
    ///
    /// ```swift
    /// print(received.time ?? "")
    /// ```
    public let time: String?
    /// What is told of it; nil where nothing is.
    ///
    /// ```swift
    /// print(received.value?.total ?? 0)
    /// ```
    public let value: Value?
    /// How often the event was handed over, this time included.
    ///
    /// ```swift
    /// if received.deliveryCount > 1 { print("perhaps seen before") }
    /// ```
    public let deliveryCount: Int
}

extension HandledEvent where Value: Decodable {
    init(_ delivered: DeliveredEvent) throws(StoreError) {
        let event = delivered.event
        (id, source, type, subject, time) = (event.id, event.source, event.type, event.subject, event.time)
        deliveryCount = delivered.deliveryCount
        switch event.data {
        case .json(let text): value = try ItemDecoder.decode(Value.self, from: text)
        case .binary: throw .coding("The data of the event '\(event.id)' is no JSON.")
        case nil: value = nil
        }
    }
}
