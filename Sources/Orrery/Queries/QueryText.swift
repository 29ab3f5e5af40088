internal import OrreryDocuments
internal import OrreryQuery

/// A query whose values cannot become a part of its text: what is interpolated goes to the query as a parameter.
///
/// ```swift
/// let least = 100
/// let query: QueryText = "SELECT * FROM c WHERE c.total >= \(least)"
/// ```
public struct QueryText: Sendable, ExpressibleByStringInterpolation {
    /// The text, with `@p0`, `@p1` … where values were interpolated.
    ///
    /// ```swift
    /// print(query.text)
    /// ```
    public let text: String
    /// Encoded when the query is run, so that writing one cannot fail.
    private let values: [any Encodable & Sendable]

    /// A query without values.
    public init(stringLiteral value: String) {
        text = value
        values = []
    }

    /// A query with values.
    public init(stringInterpolation: StringInterpolation) {
        text = stringInterpolation.text
        values = stringInterpolation.values
    }

    /// The text and the values of a query while it is written.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""
        fileprivate var values: [any Encodable & Sendable] = []

        /// Begins a query.
        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 4)
        }

        /// Adds a part of the text.
        public mutating func appendLiteral(_ literal: String) { text += literal }

        /// Adds a value: a number, a text, an array, anything that can be encoded.
        public mutating func appendInterpolation(_ value: some Encodable & Sendable) {
            text += "@p\(values.count)"
            values.append(value)
        }
    }

    func parameters() throws(StoreError) -> QueryParameters {
        var parameters = QueryParameters()
        for (number, value) in values.enumerated() { parameters.set("@p\(number)", try ItemEncoder.encode(value)) }
        return parameters
    }
}
