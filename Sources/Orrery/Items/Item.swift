internal import OrreryDatabase
internal import OrreryEngine

/// An item as it is kept: its value, and what the store knows of it.
///
/// ```swift
/// if let order = try await orders.item("1", in: "ada", as: Order.self) {
///     print(order.value.total, order.etag)
/// }
/// ```
public struct Item<Value: Sendable>: Sendable {
    /// The item decoded.
    ///
    /// ```swift
    /// print(order.value.total)
    /// ```
    public let value: Value
    /// Differs for every version; a write can make it its condition.
    ///
    /// ```swift
    /// try await orders.replace(changed, ifMatch: order.etag)
    /// ```
    public let etag: String
    /// When the version was written, in seconds since 1970.
    ///
    /// ```swift
    /// print(order.timestampSeconds)
    /// ```
    public let timestampSeconds: Int64
    /// The place of the write in its partition's log.
    ///
    /// ```swift
    /// print(order.lsn)
    /// ```
    public let lsn: UInt64
}

/// What a write left behind.
///
/// ```swift
/// let receipt = try await orders.create(order)
/// print(receipt.etag)
/// ```
public struct Receipt: Sendable, Equatable {
    /// The entity tag of the version that was written.
    ///
    /// ```swift
    /// print(receipt.etag)
    /// ```
    public let etag: String
    /// The place of the write in its partition's log.
    ///
    /// ```swift
    /// print(receipt.lsn)
    /// ```
    public let lsn: UInt64

    init(_ answer: ItemAnswer) {
        etag = answer.item.etag.text
        lsn = answer.item.lsn
    }
}
