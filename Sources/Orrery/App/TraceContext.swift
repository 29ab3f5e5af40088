internal import Synchronization

/// Where a call stands in a trace (W3C Trace Context, version 00).
struct TraceContext: Sendable, Equatable {
    /// 32 hexadecimal digits, not all zero.
    let traceID: String
    /// 16 hexadecimal digits, not all zero.
    let spanID: String
    private let flags: String

    /// The call that goes on with a trace, or begins one where the header names none.
    init(parent header: String?) {
        let parts = (header ?? "").split(separator: "-", omittingEmptySubsequences: false).map { String($0) }
        if parts.count >= 4, parts[0].utf8.count == 2, parts[0] != "ff", Self.isID(parts[1], count: 32),
            Self.isID(parts[2], count: 16), parts[3].utf8.count == 2, parts[3].utf8.allSatisfy(Self.isDigit) {
            (traceID, flags) = (parts[1], parts[3])
        } else {
            (traceID, flags) = (Self.makeID(count: 32), "01")
        }
        spanID = Self.makeID(count: 16)
    }

    private init(traceID: String, flags: String) {
        (self.traceID, self.flags) = (traceID, flags)
        spanID = Self.makeID(count: 16)
    }

    /// A part of the call.
    func child() -> TraceContext { TraceContext(traceID: traceID, flags: flags) }

    var text: String { "00-\(traceID)-\(spanID)-\(flags)" }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func isID(_ text: String, count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy(isDigit) && text.utf8.contains { $0 != UInt8(ascii: "0") }
    }

    private static func makeID(count: Int) -> String {
        var text = ""
        while text.utf8.count < count {
            let digits = String(UInt64.random(in: 1...UInt64.max), radix: 16)
            text += String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }
        return text
    }
}

/// A call's trace, which is begun when somebody asks for it: most calls are never traced.
final class CallTrace: Sendable {
    private let parent: String?
    private let made = Mutex<TraceContext?>(nil)

    init(parent: String?) {
        self.parent = parent
    }

    /// Whether the call is part of a trace that others began, or was asked for one.
    var isTraced: Bool { parent != nil || made.withLock { $0 != nil } }

    var context: TraceContext {
        made.withLock { made in
            let context = made ?? TraceContext(parent: parent)
            made = context
            return context
        }
    }
}
