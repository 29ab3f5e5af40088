/// What may be wrong with a path.
public enum HTTPPathError: Error, Sendable, Equatable {
    /// A `%` that two hexadecimal digits do not follow.
    case badPercentEncoding
    /// The decoded bytes of a segment are not UTF-8.
    case notUTF8
}
