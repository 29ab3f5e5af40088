internal import OrreryKeys

/// The value, or the values, that an item's place is decided by.
///
/// ```swift
/// let key: PartitionKey = "ada"
/// let hierarchical: PartitionKey = ["tenant-7", 2026]
/// ```
public struct PartitionKey: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral {
    let values: [PartitionKeyValue]

    init(values: [PartitionKeyValue]) { self.values = values }

    private init(_ value: PartitionKeyValue) { values = [value] }

    /// A key of one string.
    ///
    /// ```swift
    /// let key = PartitionKey(order.customer)
    /// ```
    public init(_ value: String) { self.init(.string(value)) }

    /// A key of one number.
    ///
    /// ```swift
    /// let key = PartitionKey(12.5)
    /// ```
    public init(_ value: Double) { self.init(.number(value)) }

    /// A key of one number. Keys are compared as IEEE doubles.
    ///
    /// ```swift
    /// let key = PartitionKey(12)
    /// ```
    public init(_ value: Int) { self.init(.number(Double(value))) }

    /// A key of one boolean.
    ///
    /// ```swift
    /// let key = PartitionKey(true)
    /// ```
    public init(_ value: Bool) { self.init(.boolean(value)) }

    /// The key of items that lack the path.
    ///
    /// ```swift
    /// let key = PartitionKey.undefined
    /// ```
    public static var undefined: PartitionKey { PartitionKey(.undefined) }

    /// A key of one string.
    public init(stringLiteral value: String) { self.init(value) }
    /// A key of one number.
    public init(integerLiteral value: Int) { self.init(value) }
    /// A key of one boolean.
    public init(booleanLiteral value: Bool) { self.init(value) }
    /// A key of one number.
    public init(floatLiteral value: Double) { self.init(value) }
    /// The key null.
    public init(nilLiteral: ()) { self.init(.null) }
    /// A hierarchical key of several values, or of the first of them.
    public init(arrayLiteral elements: PartitionKey...) { values = elements.flatMap(\.values) }

    var key: OrreryKeys.PartitionKey { OrreryKeys.PartitionKey(values) }
}
