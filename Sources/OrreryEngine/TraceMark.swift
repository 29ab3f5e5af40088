public import OrreryTelemetry

/// The trace that a write was part of, and the span in it: 25 bytes of a log record, which has none where nobody said.
public struct TraceMark: Sendable, Equatable {
    private let parent: TraceParent?

    /// No trace.
    public static let none = TraceMark(nil)

    /// Whether there is a trace.
    public var isThere: Bool { parent != nil }

    /// A place in a trace; nil for none.
    public init(_ parent: TraceParent?) {
        self.parent = parent
    }

    /// Reads the header `traceparent`; nil for what is none.
    public init?(traceparent header: some Collection<UInt8>) {
        guard let parent = TraceParent(header) else { return nil }
        self.init(parent)
    }

    /// The header `traceparent`; nil for none.
    public var traceparent: String? { parent?.text }
}

extension TraceMark {
    /// Its size in a log record.
    static let byteCount = 25

    /// Reads it from a log record, where it begins at an offset.
    init(_ bytes: Span<UInt8>, at offset: Int) {
        parent = TraceParent(
            traceHigh: bytes.littleEndian(at: offset, as: UInt64.self),
            traceLow: bytes.littleEndian(at: offset + 8, as: UInt64.self),
            span: bytes.littleEndian(at: offset + 16, as: UInt64.self), flags: bytes[offset + 24])
    }

    /// Writes it to a log record.
    func write(to record: inout MutableSpan<UInt8>, at offset: Int) {
        record.store(parent?.traceHigh ?? 0, at: offset)
        record.store(parent?.traceLow ?? 0, at: offset + 8)
        record.store(parent?.span ?? 0, at: offset + 16)
        record.store(parent?.flags ?? 0, at: offset + 24)
    }
}
