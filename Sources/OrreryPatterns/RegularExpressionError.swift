/// Why there is no regular expression, or no answer from one.
public enum RegularExpressionError: Error, Sendable, Equatable {
    /// The pattern cannot be read: where, and why, in the library's words.
    case malformed(byteOffset: Int, String)
    /// A match took more steps, memory or time than is allowed.
    case limitExceeded
}
