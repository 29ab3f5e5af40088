public import OrreryEngine
public import OrreryTelemetry

/// Turns what the engine tells of its work into metrics and log lines.
public final class EngineMetrics: EngineObserver {
    private let log: Log
    private let groupVersions: Histogram
    private let groupBytes: Histogram
    private let writeDuration: Histogram
    private let groupDuration: Histogram
    private let flushDuration: Histogram
    private let mergeDuration: Histogram
    private let splitDuration: Histogram
    private let splitHold: Histogram
    private let flushedVersions: Counter
    private let mergedEntries: Counter
    private let trimmedBytes: Counter
    private let failures: Counter
    private let openDuration: Histogram
    private let idleClosings: Counter

    public init(registry: MetricsRegistry, log: Log) {
        self.log = log
        groupVersions = registry.histogram(
            "orrery_group_versions", help: "Versions in one group of commits.", scale: .count)
        groupBytes = registry.histogram("orrery_group_bytes", help: "Bytes of one group's records.", scale: .bytes)
        writeDuration = registry.histogram(
            "orrery_log_write_seconds", help: "Time to write a group to the log, its flush to the disk included.")
        groupDuration = registry.histogram(
            "orrery_group_seconds", help: "Time to decide and write a group of commits.")
        flushDuration = registry.histogram("orrery_delta_flush_seconds", help: "Time to flush a delta into a run.")
        mergeDuration = registry.histogram("orrery_run_merge_seconds", help: "Time to merge runs into one.")
        splitDuration = registry.histogram("orrery_partition_split_seconds", help: "Time to split a partition.")
        splitHold = registry.histogram(
            "orrery_partition_split_hold_seconds", help: "Time that writers were held at the end of a split.")
        flushedVersions = registry.counter("orrery_delta_flushed_versions_total", help: "Versions flushed into runs.")
        mergedEntries = registry.counter("orrery_run_merged_entries_total", help: "Entries written by merges.")
        openDuration = registry.histogram("orrery_partition_open_seconds", help: "Time to open a partition.")
        idleClosings = registry.counter(
            "orrery_idle_partitions_closed_total", help: "Partitions closed because nobody had asked for them.")
        trimmedBytes = registry.counter(
            "orrery_log_trimmed_bytes_total", help: "Bytes that logs have lost by trimming.")
        failures = registry.counter(
            "orrery_storage_failures_total", help: "Writes, flushes and merges that the disk refused.")
    }

    public func groupCommitted(
        versions: Int, commits: Int, bytes: Int, writeNanoseconds: UInt64, totalNanoseconds: UInt64
    ) {
        groupVersions.record(UInt64(clamping: versions))
        groupBytes.record(UInt64(clamping: bytes))
        writeDuration.record(writeNanoseconds)
        groupDuration.record(totalNanoseconds)
    }

    public func partitionOpened(nanoseconds: UInt64) {
        openDuration.record(nanoseconds)
    }

    public func idlePartitionsClosed(_ count: Int) {
        idleClosings.add(UInt64(clamping: count))
        log.debug("idle partitions closed", [("count", .integer(Int64(count)))])
    }

    public func deltaFlushed(versions: Int, nanoseconds: UInt64) {
        flushDuration.record(nanoseconds)
        flushedVersions.add(UInt64(clamping: versions))
        log.debug("delta flushed", [("versions", .integer(Int64(versions)))])
    }

    public func runsMerged(runs: Int, entries: Int, nanoseconds: UInt64) {
        mergeDuration.record(nanoseconds)
        mergedEntries.add(UInt64(clamping: entries))
        log.debug("runs merged", [("runs", .integer(Int64(runs))), ("entries", .integer(Int64(entries)))])
    }

    public func partitionSplit(versions: Int, nanoseconds: UInt64, heldNanoseconds: UInt64) {
        splitDuration.record(nanoseconds)
        splitHold.record(heldNanoseconds)
        log.info("partition split", [
            ("versions", .integer(Int64(versions))), ("milliseconds", .integer(Int64(nanoseconds / 1_000_000))),
            ("held-milliseconds", .integer(Int64(heldNanoseconds / 1_000_000))),
        ])
    }

    public func logTrimmed(bytes: Int) {
        trimmedBytes.add(UInt64(clamping: bytes))
        log.debug("log trimmed", [("bytes", .integer(Int64(bytes)))])
    }

    public func maintenanceFailed(_ message: String) {
        failures.add()
        log.warning("maintenance failed", [("reason", .text(message))])
    }

    public func partitionFailed(_ message: String) {
        failures.add()
        log.error("partition stopped", [("reason", .text(message))])
    }
}

extension Account {
    /// Adds gauges of what the open partitions hold; they are read when the metrics are.
    public func registerGauges(in registry: MetricsRegistry) {
        let gauges: [(name: String, help: String, value: @Sendable (PartitionStatistics) -> Int)] = [
            ("orrery_items", "Live items in open partitions.", { $0.itemCount }),
            ("orrery_delta_versions", "Versions in memory that no run covers yet.", { $0.deltaVersions }),
            ("orrery_frozen_deltas", "Full deltas that wait for their flush.", { $0.frozenDeltas }),
            ("orrery_runs", "Runs of open partitions.", { $0.runs }),
            ("orrery_run_entries", "Entries in runs, superseded ones included.", { $0.runEntries }),
            ("orrery_log_segments", "Log segments of open partitions.", { $0.segments }),
            ("orrery_log_bytes", "Bytes of the logs in use.", { $0.logBytes }),
            ("orrery_waiting_commits", "Commits that wait for their turn.", { $0.waitingCommits }),
        ]
        let store = store
        for gauge in gauges {
            registry.computedGauge(gauge.name, help: gauge.help) { Double(gauge.value(store.statistics)) }
        }
        registry.computedGauge("orrery_open_partitions", help: "Partitions that are open.") {
            Double(store.openPartitions.count)
        }
    }
}
