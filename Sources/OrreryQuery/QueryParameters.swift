public import OrreryDocuments

/// The values of a query's `@parameters`.
public struct QueryParameters: Sendable {
    private var values: [[UInt8]: Value] = [:]

    /// No parameters.
    public init() {}

    /// The `parameters` array of a query request: `[{"name": "@p", "value": …}]`. A missing value is undefined.
    public init(_ parameters: JSONNode?) throws(QueryError) {
        guard let parameters, !parameters.isNull else { return }
        guard parameters.kind == .array else { throw Self.malformed }
        for parameter in parameters.elements {
            guard let name = parameter["name"]?.string else { throw Self.malformed }
            values[Array(name.utf8)] = Value(parameter["value"])
        }
    }

    /// Adds or replaces one parameter; the name starts with `@`.
    public mutating func set(_ name: String, _ value: JSONValue) {
        values[Array(name.utf8)] = Value(value)
    }

    subscript(name: String) -> Value? { values[Array(name.utf8)] }
    subscript(name: [UInt8]) -> Value? { values[name] }

    /// How many there are.
    var count: Int { values.count }

    /// The parameters but for some in one order: for the signature that binds a continuation to them, say.
    func canonicalBytes(except left: [[UInt8]] = []) -> [UInt8] {
        var bytes: [UInt8] = []
        for name in values.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) where !left.contains(name) {
            var key = OrderKey()
            key.append(tie: UInt64(name.count))
            bytes += key.bytes + name + OrderKey(values[name] ?? .undefined).bytes
        }
        return bytes
    }

    private static let malformed = QueryError(
        .invalidQuery, "The query's parameters must be an array of objects with a name and a value.")
}
