/// A container that a handler writes to, named when the handler is registered: only what it names can be written
/// through it, and by the type that it holds.
///
/// ```swift
/// let mails = ItemOutput("shop/mails", of: Mail.self)
/// app.onChange("shop/orders", named: "thank", of: Order.self, outputs: [mails]) { changes, context in
///     for change in changes { try context.put(Mail(id: "thanks-\(change.id)", customer: "ada"), into: mails) }
/// }
/// ```
public struct ItemOutput<Value: Encodable & Sendable>: OutputBinding {
    /// The container, as `database/container`.
    ///
    /// ```swift
    /// print(mails.path)
    /// ```
    public let path: String

    /// - Parameters:
    ///   - path: the container as `database/container`.
    ///   - type: what is written to it.
    ///
    /// ```swift
    /// let mails = ItemOutput("shop/mails", of: Mail.self)
    /// ```
    public init(_ path: String, of type: Value.Type = Value.self) {
        self.path = path
    }
}

/// A place that a handler writes to, named when it is registered: an ``ItemOutput`` or an ``EventOutput``.
///
/// ```swift
/// let bindings: [any OutputBinding] = [mails]
/// ```
public protocol OutputBinding: Sendable {
    /// The container, as `database/container`, or the topic, as `topic:name`.
    ///
    /// ```swift
    /// print(mails.path)
    /// ```
    var path: String { get }
}
