extension JSONNode {
    /// Runs `body` over a string's UTF-8 once its escapes are decoded; nil for anything but a string. Nothing is
    /// copied or allocated where the text holds no escape.
    @inline(__always)
    public func withStringUTF8<Result>(_ body: (Span<UInt8>) -> Result) -> Result? {
        switch entry.code {
        case .string: body(content)
        case .escapedString: stringBytes.map { body($0.span) }
        default: nil
        }
    }
}
