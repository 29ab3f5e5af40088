/// A topic that a handler publishes to, named when the handler is registered.
///
/// ```swift
/// let placed = EventOutput("orders", type: "Order.Placed", of: Order.self)
/// app.onChange("shop/orders", named: "announce", of: Order.self, outputs: [placed]) { changes, context in
///     for change in changes where change.kind == .create {
///         guard let order = change.value else { continue }
///         try context.publish(order, id: change.idempotencyKey, to: placed)
///     }
/// }
/// ```
public struct EventOutput<Value: Encodable & Sendable>: OutputBinding {
    /// The topic's name.
    ///
    /// ```swift
    /// print(placed.topic)
    /// ```
    public let topic: String
    /// The type of the events.
    ///
    /// ```swift
    /// print(placed.type)
    /// ```
    public let type: String
    /// See ``OutputBinding``.
    ///
    /// ```swift
    /// print(placed.path)
    /// ```
    public var path: String { "topic:" + topic }

    /// - Parameters:
    ///   - topic: the topic's name; it is made where there is none when the app starts.
    ///   - type: what the events tell of, such as `Order.Placed`.
    ///   - value: what their data is.
    ///
    /// ```swift
    /// let placed = EventOutput("orders", type: "Order.Placed", of: Order.self)
    /// ```
    public init(_ topic: String, type: String, of value: Value.Type = Value.self) {
        (self.topic, self.type) = (topic, type)
    }
}
