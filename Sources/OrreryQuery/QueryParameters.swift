public import OrreryDocuments

/// The values of a query's `@parameters`.
public struct QueryParameters: Sendable {
    /// Each name once.
    private var values: [(name: [UInt8], value: Value)] = []
    /// Where each name stands, once they are many: of a few to look at each takes less than to hash one.
    private var places: [[UInt8]: Int] = [:]
    private static let fewMax = 16

    /// No parameters.
    public init() {}

    /// The `parameters` array of a query request: `[{"name": "@p", "value": …}]`. A missing value is undefined.
    public init(_ parameters: JSONNode?) throws(QueryError) {
        guard let parameters, !parameters.isNull else { return }
        guard parameters.kind == .array else { throw Self.malformed }
        for parameter in parameters.elements {
            guard let name = parameter["name"]?.stringBytes else { throw Self.malformed }
            set(name, Value(parameter["value"]))
        }
    }

    /// Adds or replaces one parameter; the name starts with `@`.
    public mutating func set(_ name: String, _ value: JSONValue) {
        set(Array(name.utf8), Value(value))
    }

    private mutating func set(_ name: [UInt8], _ value: Value) {
        if let place = place(of: name) {
            values[place].value = value
            return
        }
        values.append((name, value))
        if values.count > Self.fewMax + 1 {
            places[name] = values.count - 1
        } else if values.count > Self.fewMax {
            for (place, each) in values.enumerated() { places[each.name] = place }
        }
    }

    private func place(of name: [UInt8]) -> Int? {
        values.count > Self.fewMax ? places[name] : values.firstIndex { $0.name == name }
    }

    subscript(name: String) -> Value? { self[Array(name.utf8)] }
    subscript(name: [UInt8]) -> Value? { place(of: name).map { values[$0].value } }

    /// How many there are.
    var count: Int { values.count }

    /// The parameters but for some in one order: for the signature that binds a continuation to them, say.
    func canonicalBytes(except left: [[UInt8]] = []) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in values.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) })
        where !left.contains(name) {
            var key = OrderKey()
            key.append(tie: UInt64(name.count))
            bytes += key.bytes + name + OrderKey(value).bytes
        }
        return bytes
    }

    private static let malformed = QueryError(
        .invalidQuery, "The query's parameters must be an array of objects with a name and a value.")
}
