internal import OrreryDocuments

/// What a handler is given beside what it is called for: an ``ItemInput`` or a ``QueryInput``, named when the handler
/// is registered and read before each call.
///
/// ```swift
/// let bindings: [any InputBinding] = [customers, earlier]
/// ```
public protocol InputBinding: Sendable {
    /// What the handler finds for this binding.
    ///
    /// ```swift
    /// let customer = change[customers]
    /// ```
    associatedtype Content: Sendable

    /// Reads it.
    ///
    /// ```swift
    /// let content = try await customers.content(for: JSONText(#"{"customer":"ada"}"#), in: store)
    /// ```
    /// - Parameters:
    ///   - data: what the handler is called for: the item that changed (as it was, where it is gone), or a request's
    ///     parameters over the members of its body.
    ///   - store: the store to read from.
    /// - Throws: as reads do; the call of the handler has failed then.
    func content(for data: JSONText, in store: Store) async throws(StoreError) -> Content

    /// Tells this binding from all others; what is written wrongly in it is nil here.
    ///
    /// ```swift
    /// print(customers.identity != nil)
    /// ```
    var identity: BindingIdentity? { get }
}

/// Tells one binding from all others.
///
/// ```swift
/// let identity = BindingIdentity()
/// ```
public final class BindingIdentity: Sendable {
    /// One unlike any before.
    ///
    /// ```swift
    /// let identity = BindingIdentity()
    /// ```
    public init() {}
}

/// An item by its id, from what the handler is called for.
///
/// ```swift
/// let customers = ItemInput("shop/customers", id: "{customer}", partitionKey: "{customer}", as: Customer.self)
/// app.onChange("shop/orders", named: "greet", of: Order.self, inputs: [customers]) { changes, context in
///     for change in changes { context.log("for \(change[customers]?.name ?? "nobody")") }
/// }
/// ```
public struct ItemInput<Value: Decodable & Sendable>: InputBinding {
    public typealias Content = Value?

    /// See ``InputBinding``.
    ///
    /// ```swift
    /// print(customers.identity != nil)
    /// ```
    public let identity: BindingIdentity?
    private let path: String
    private let id: BindingTemplate?
    private let keys: [BindingTemplate?]

    /// - Parameters:
    ///   - path: the container as `database/container`.
    ///   - id: the item's id. Parts in braces stand for what the trigger's data has there: `{customer}`,
    ///     `{address.city}`.
    ///   - partitionKey: its partition key, written likewise; several for a hierarchical one.
    ///   - type: what it is decoded as.
    ///
    /// ```swift
    /// let customers = ItemInput("shop/customers", id: "{customer}", partitionKey: "{customer}", as: Customer.self)
    /// ```
    public init(_ path: String, id: String, partitionKey: String..., as type: Value.Type = Value.self) {
        self.path = path
        self.id = BindingTemplate(id)
        keys = partitionKey.map { BindingTemplate($0) }
        let isWhole = self.id != nil && !keys.contains { $0 == nil } && (try? App.parts(of: path)) != nil
        identity = isWhole ? BindingIdentity() : nil
    }

    /// The item; nil where there is none, or where the data lacks what it is found by.
    ///
    /// ```swift
    /// let customer = try await customers.content(for: JSONText(#"{"customer":"ada"}"#), in: store)
    /// ```
    public func content(for data: JSONText, in store: Store) async throws(StoreError) -> Value? {
        guard let json = try? JSONValue(parsing: data.text), let id = id?.value(in: json)?.string else { return nil }
        var key: [PartitionKey] = []
        for template in keys {
            guard let part = template?.value(in: json).flatMap({ PartitionKey(json: $0) }) else { return nil }
            key.append(part)
        }
        let container = try store.container(at: path)
        return try await container.item(id, in: PartitionKey(key), as: Value.self)?.value
    }
}

/// The rows of a query, from what the handler is called for. Parts in braces become parameters, and so cannot become a
/// part of the query's text.
///
/// ```swift
/// let earlier = QueryInput("shop/orders", "SELECT * FROM c WHERE c.customer = {customer}", as: Order.self)
/// app.onChange("shop/orders", named: "count", of: Order.self, inputs: [earlier]) { changes, context in
///     for change in changes { context.log("one of \(change[earlier].count)") }
/// }
/// ```
public struct QueryInput<Row: Decodable & Sendable>: InputBinding {
    public typealias Content = [Row]

    /// See ``InputBinding``.
    ///
    /// ```swift
    /// print(earlier.identity != nil)
    /// ```
    public let identity: BindingIdentity?
    private let path: String
    private let query: BindingTemplate?

    /// - Parameters:
    ///   - path: the container as `database/container`.
    ///   - query: its text. What the trigger's data lacks is null.
    ///   - type: what a row is decoded as.
    ///
    /// ```swift
    /// let earlier = QueryInput("shop/orders", "SELECT * FROM c WHERE c.customer = {customer}", as: Order.self)
    /// ```
    public init(_ path: String, _ query: String, as type: Row.Type = Row.self) {
        self.path = path
        self.query = BindingTemplate(query)
        identity = self.query != nil && (try? App.parts(of: path)) != nil ? BindingIdentity() : nil
    }

    /// The rows, all of them.
    ///
    /// ```swift
    /// let orders = try await earlier.content(for: JSONText(#"{"customer":"ada"}"#), in: store)
    /// ```
    public func content(for data: JSONText, in store: Store) async throws(StoreError) -> [Row] {
        let json = (try? JSONValue(parsing: data.text)) ?? .null
        var text = QueryText.StringInterpolation(literalCapacity: 100, interpolationCount: 4)
        for part in query?.parts ?? [] {
            switch part {
            case .text(let literal): text.appendLiteral(literal)
            case .path(let path):
                let value = BindingTemplate.find(path, in: json) ?? .null
                text.appendInterpolation(JSONText(String(decoding: value.text, as: UTF8.self)))
            }
        }
        let container = try store.container(at: path)
        return try await container.query(QueryText(stringInterpolation: text), as: Row.self).all()
    }
}

/// What was read for a call's bindings.
struct InputContents: Sendable {
    private var contents: [ObjectIdentifier: any Sendable] = [:]

    static let none = InputContents()

    /// Reads all of them.
    static func read(
        _ bindings: [any InputBinding], for data: [UInt8]?, in store: Store
    ) async throws(StoreError) -> InputContents {
        var found = InputContents()
        if bindings.isEmpty { return found }
        let text = JSONText(data.map { String(decoding: $0, as: UTF8.self) } ?? "null")
        for binding in bindings { try await found.read(binding, text, store) }
        return found
    }

    private mutating func read(
        _ binding: some InputBinding, _ data: JSONText, _ store: Store
    ) async throws(StoreError) {
        guard let identity = binding.identity else { return }
        contents[ObjectIdentifier(identity)] = try await binding.content(for: data, in: store)
    }

    func content<Binding: InputBinding>(of binding: Binding) -> Binding.Content? {
        binding.identity.flatMap { contents[ObjectIdentifier($0)] as? Binding.Content }
    }
}

extension PartitionKey {
    /// A key of one part, from a document; nil for objects and arrays.
    fileprivate init?(json: JSONValue) {
        if let text = json.string {
            self.init(text)
        } else if let boolean = json.boolean {
            self.init(boolean)
        } else if json.isNull {
            self = nil
        } else if let number = Double(String(decoding: json.text, as: UTF8.self)) {
            self.init(number)
        } else {
            return nil
        }
    }

    fileprivate init(_ parts: [PartitionKey]) {
        self.init(values: parts.flatMap(\.values))
    }
}
