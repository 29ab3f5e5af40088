internal import OrreryTriggers

/// A change, as a handler is given it.
///
/// ```swift
/// app.onChange("shop/orders", named: "log", of: Order.self) { changes, context in
///     for change in changes { context.log("\(change.kind) \(change.id), delivered \(change.deliveryCount) times") }
/// }
/// ```
public struct HandledChange<Value: Sendable>: Sendable {
    /// What happened to the item.
    ///
    /// ```swift
    /// if handled.kind == .delete { print("gone") }
    /// ```
    public let kind: Change<Value>.Kind
    /// The item's id.
    ///
    /// ```swift
    /// print(handled.id)
    /// ```
    public let id: String
    /// The item as it is after the change; nil where it is gone.
    ///
    /// ```swift
    /// print(handled.value?.total ?? 0)
    /// ```
    public let value: Value?
    /// The item as it was before; nil for a creation, and where the store no longer has it.
    ///
    /// ```swift
    /// print(handled.previous?.total ?? 0)
    /// ```
    public let previous: Value?
    /// The place of the change in its partition's log.
    ///
    /// ```swift
    /// print(handled.lsn)
    /// ```
    public let lsn: UInt64
    /// When it was made, in milliseconds since 1970.
    ///
    /// ```swift
    /// print(handled.timestampMilliseconds)
    /// ```
    public let timestampMilliseconds: Int64
    /// The same for every delivery of this change, and for no other: what a receiver outside the store tells
    /// repetitions by.
    ///
    /// ```swift
    /// print(handled.idempotencyKey)
    /// ```
    public let idempotencyKey: String
    /// How often the change may have been delivered, this time included.
    ///
    /// ```swift
    /// if handled.deliveryCount > 1 { print("perhaps seen before") }
    /// ```
    public let deliveryCount: Int
    let inputs: InputContents

    /// What was read for a binding that the handler was registered with; nil where there is no such item.
    ///
    /// ```swift
    /// let customer = handled[customers]
    /// ```
    public subscript<Item: Decodable & Sendable>(_ input: ItemInput<Item>) -> Item? {
        inputs.content(of: input) ?? nil
    }

    /// The rows that were read for a binding that the handler was registered with.
    ///
    /// ```swift
    /// let rows = handled[earlier]
    /// ```
    public subscript<Row: Decodable & Sendable>(_ input: QueryInput<Row>) -> [Row] {
        inputs.content(of: input) ?? []
    }
}

extension HandledChange where Value: Decodable {
    init(_ change: TriggerChange, inputs: InputContents = .none) throws(StoreError) {
        self.inputs = inputs
        kind = switch change.kind {
        case .create: .create
        case .replace: .replace
        case .delete: .delete
        case .expire: .expire
        }
        id = change.id
        if let text = change.text { value = try ItemDecoder.decode(Value.self, from: text) } else { value = nil }
        // What it was may have had another shape.
        previous = change.previous.flatMap { try? ItemDecoder.decode(Value.self, from: $0) }
        timestampMilliseconds = change.timestampMilliseconds
        (lsn, idempotencyKey, deliveryCount) = (change.lsn, change.idempotencyKey, change.deliveryCount)
    }
}
