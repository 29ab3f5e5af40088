internal import OrreryLMDB
internal import Synchronization

/// What a partition holds at one moment, for metrics and people.
public struct PartitionStatistics: Sendable {
    /// Live items.
    public var itemCount = 0
    /// Versions in memory that no run covers yet.
    public var deltaVersions = 0
    /// Full deltas that wait for their flush.
    public var frozenDeltas = 0
    public var runs = 0
    /// Entries in the runs, superseded ones included.
    public var runEntries = 0
    public var segments = 0
    /// Bytes of the log in use.
    public var logBytes = 0
    /// Commits that wait for their turn.
    public var waitingCommits = 0

    /// Of nothing.
    public static let zero = PartitionStatistics()

    public static func += (total: inout PartitionStatistics, part: PartitionStatistics) {
        total.itemCount += part.itemCount
        total.deltaVersions += part.deltaVersions
        total.frozenDeltas += part.frozenDeltas
        total.runs += part.runs
        total.runEntries += part.runEntries
        total.segments += part.segments
        total.logBytes += part.logBytes
        total.waitingCommits += part.waitingCommits
    }
}

extension Partition {
    /// What this partition holds now.
    public var statistics: PartitionStatistics {
        let view = currentView
        return PartitionStatistics(
            itemCount: view.itemCount, deltaVersions: view.frozen.reduce(view.active.count) { $0 + $1.count },
            frozenDeltas: view.frozen.count, runs: view.runs.count,
            runEntries: view.runs.reduce(0) { $0 + $1.run.entryCount }, segments: view.segments.count,
            logBytes: view.logBytes,
            waitingCommits: queue.withLock { $0.waiting.count })
    }
}

extension Store {
    /// What all open partitions hold now.
    public var statistics: PartitionStatistics {
        var total = PartitionStatistics()
        for partition in openPartitions { total += partition.statistics }
        return total
    }
}
