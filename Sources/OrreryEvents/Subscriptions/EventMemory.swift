import OrreryTelemetry
import Synchronization

/// What all events in memory together may take. Beyond it events are read from their topics again when their turn
/// comes.
final class EventMemory: Sendable {
    private let used = Atomic(0)
    let bytesMax: Int

    init(bytesMax: Int = 64 << 20, metrics: MetricsRegistry) {
        self.bytesMax = bytesMax
        metrics.computedGauge(
            "orrery_events_memory_bytes", help: "Texts of events in memory, of all subscriptions together."
        ) { [weak self] in Double(self?.usedBytes ?? 0) }
    }

    /// Takes room; false where there is none.
    func claim(_ byteCount: Int) -> Bool {
        guard used.load(ordering: .relaxed) + byteCount <= bytesMax else { return false }
        used.wrappingAdd(byteCount, ordering: .relaxed)
        return true
    }

    /// Gives room back.
    func release(_ byteCount: Int) {
        if byteCount > 0 { used.wrappingSubtract(byteCount, ordering: .relaxed) }
    }

    var usedBytes: Int { used.load(ordering: .relaxed) }
}
