/// What is wrong with a document in YAML, and where.
public struct YAMLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// From 1 on, in characters.
    public let line: Int
    public let column: Int
    public let message: String

    init(_ message: String, at place: YAMLEvents.Place) {
        (line, column, self.message) = (place.line, place.column, message)
    }

    public var description: String { "line \(line), column \(column): \(message)" }
}
