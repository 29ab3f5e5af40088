import CJemalloc
import OrreryTelemetry

/// The process's heap, which jemalloc keeps: linking it puts it in the place of the C library's own allocator for the
/// whole process. Items are made by HTTP threads and let go of by committers, which that one answers with locks.
enum Heap {
    /// Adds what the heap has to the metrics.
    static func registerGauges(in registry: MetricsRegistry) {
        registry.computedGauge("orrery_heap_allocated_bytes", help: "Memory that is in use.") {
            refresh()
            return statistic("stats.allocated")
        }
        registry.computedGauge("orrery_heap_resident_bytes", help: "Memory that the heap holds of the system's.") {
            statistic("stats.resident")
        }
    }

    /// Statistics are as of the last epoch; this begins one.
    private static func refresh() {
        var epoch: UInt64 = 1
        // The call copies a number of the size it is told out of the variable, and keeps no pointer.
        _ = unsafe mallctl("epoch", nil, nil, &epoch, MemoryLayout<UInt64>.size)
    }

    private static func statistic(_ name: String) -> Double {
        var value = 0
        var byteCount = MemoryLayout<Int>.size
        // The call fills the variable, whose size it is told, and keeps no pointer.
        guard unsafe mallctl(name, &value, &byteCount, nil, 0) == 0 else { return 0 }
        return Double(value)
    }
}
