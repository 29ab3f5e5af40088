internal import OrreryDocuments

/// An item, or a part of one, as the JSON text that it is: for programs that need no type.
///
/// ```swift
/// try await orders.create(JSONText(#"{"id":"1","customer":"ada"}"#))
/// let order = try await orders.item("1", in: "ada", as: JSONText.self)
/// ```
public struct JSONText: Codable, Sendable, Equatable, ExpressibleByStringLiteral {
    /// The text.
    ///
    /// ```swift
    /// print(json.text)
    /// ```
    public let text: String

    /// Takes a text; whether it is JSON is found out when it is written.
    ///
    /// ```swift
    /// let json = JSONText(#"{"id":"1"}"#)
    /// ```
    public init(_ text: String) { self.text = text }

    /// Takes a literal.
    public init(stringLiteral value: String) { self.init(value) }

    /// Takes the text over as it stands.
    public init(from decoder: any Decoder) throws {
        if let decoder = decoder as? ItemDecoder {
            text = String(decoding: decoder.node.text, as: UTF8.self)
        } else {
            text = try decoder.singleValueContainer().decode(String.self)
        }
    }

    /// Gives the text as it stands.
    public func encode(to encoder: any Encoder) throws {
        guard let encoder = encoder as? ItemEncoder else {
            var container = encoder.singleValueContainer()
            try container.encode(text)
            return
        }
        do {
            encoder.place.content = .value(try JSONValue(parsing: text))
        } catch {
            throw EncodingError.invalidValue(
                text, EncodingError.Context(codingPath: encoder.codingPath, debugDescription: "\(error)"))
        }
    }
}
