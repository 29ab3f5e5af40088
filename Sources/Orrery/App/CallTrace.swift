internal import OrreryTelemetry
internal import Synchronization

/// A call's trace, which is begun when somebody asks for it: most calls are never traced.
final class CallTrace: Sendable {
    private let parent: String?
    private let made = Mutex<TraceParent?>(nil)

    init(parent: String?) {
        self.parent = parent
    }

    /// Whether the call is part of a trace that others began, or was asked for one.
    var isTraced: Bool { parent != nil || made.withLock { $0 != nil } }

    var context: TraceParent {
        made.withLock { made in
            let context = made ?? TraceParent(after: parent)
            made = context
            return context
        }
    }
}
