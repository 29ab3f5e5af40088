public import OrreryKeys
internal import Synchronization

/// One physical partition of a container: a range of effective partition keys with a log of its own.
///
/// Writes are queued, decided and numbered in one order, and acknowledged together once they are durable and visible.
/// Reads use views and wait for nobody.
public final class Partition: Sendable {
    /// The container it belongs to.
    public let container: ResourceID
    /// The number of its partition key range within the container, "0" and up in the service's words.
    public let rangeNumber: UInt64

    let directory: String
    let hashing: ItemHash
    /// What is indexed of the versions to come.
    let selection: Mutex<IndexSelection>
    let pools: EnginePools
    let configuration: EngineConfiguration
    /// Drawn at each opening; part of the entity tags made from then on.
    let nonce: UInt32

    /// Which course of events its LSNs belong to.
    public let timeline: Timeline
    /// Whether a crash now would begin another timeline; only committers and whoever closes the partition change it.
    let mayHaveUnwritten = Atomic(false)

    /// Swapped whole; taken for an instant to read or to replace.
    let view: Mutex<View>
    /// The numbers given so far. Only the committer whose turn it is uses them.
    let marks: Mutex<LogSegment.Marks>
    /// The checkpoints, as the last commit left them.
    let checkpoints: Mutex<CheckpointTable>
    /// The checkpoints as the log has them: the same, but for groups that wait to be written.
    let writtenCheckpoints: Mutex<CheckpointTable>
    let queue = Monitor(CommitQueue())
    /// The policy of time to live in force, as its number; see ``timeToLive``.
    let timeToLiveSeconds: Atomic<Int32>
    let sweep = Mutex(ExpirySweep())
    /// How long a superseded version stays in the log.
    let retentionMilliseconds: Atomic<Int64>
    /// The last version that may have been trimmed.
    let trimmed: Atomic<UInt64>
    /// Whether a split is copying the log.
    let isTrimPaused = Atomic(false)
    /// The most that one partition key may have; nil for no limit.
    let partitionKeyBytesMax: Int?
    /// The partition keys that take no more.
    let keyLimit = Mutex(KeyLimit())
    /// The files, as the manifest names them. Held while the manifest is written, and only by maintenance and by a
    /// committer that starts a segment.
    let files: Mutex<Manifest>
    /// Held while unwritten groups are written.
    let writingOut = Mutex(())
    /// Whether unwritten groups will be written without anybody asking again.
    let isWriteOutDue = Atomic(false)
    /// The way back for what is to be done later.
    let recall = PartitionRecall()
    /// Wakes those who wait for the next commit.
    let signal = CommitSignal()
    /// What the next segment of the log will be written over.
    let nextRoom = Monitor(NextRoom())
    /// The numbers of runs that could not be read: they are indexed anew from the log.
    let damagedRuns = Mutex<Set<UInt64>>([])
    /// Woken when a flush has made room.
    let pressure = Monitor(Pressure())

    /// Documents are numbered within a range, and the range's number stands above them, so that no two ranges of a
    /// container ever give the same resource id.
    static let documentNumberBits: UInt64 = 40

    /// Opens a partition, replaying what its runs do not cover yet, or makes an empty one.
    /// - Parameters:
    ///   - origin: the numbers given before the first version of one that is made.
    ///   - inherited: the timeline of the one that a split makes it from.
    init(
        directory: String, container: ResourceID, rangeNumber: UInt64, hashing: ItemHash, settings: PartitionSettings,
        pools: EnginePools, configuration: EngineConfiguration, origin: LogSegment.Marks = LogSegment.Marks(),
        inherited: Timeline? = nil
    ) throws(EngineError) {
        self.directory = directory
        self.container = container
        self.rangeNumber = rangeNumber
        self.hashing = hashing
        selection = Mutex(settings.selection)
        timeToLiveSeconds = Atomic(settings.timeToLive.defaultSeconds)
        retentionMilliseconds = Atomic(settings.retentionMilliseconds ?? configuration.retentionMilliseconds)
        self.pools = pools
        self.configuration = configuration
        partitionKeyBytesMax = settings.limitsPartitionKeys ? configuration.partitionKeyBytesMax : nil
        nonce = UInt32.random(in: 0...UInt32.max)
        let opened = try PartitionRecovery(
            directory: directory, rangeNumber: rangeNumber, origin: origin, hashing: hashing,
            indexing: IndexExtractor(seed: hashing.seed, selection: settings.selection), configuration: configuration
        ).open()
        var opening = opened.marks
        timeline = try Self.timeline(in: directory, inherited: inherited, &opening)
        view = Mutex(opened.view)
        marks = Mutex(opening)
        files = Mutex(opened.manifest)
        trimmed = Atomic(opened.manifest.trimmedVersion)
        checkpoints = Mutex(opened.checkpoints)
        writtenCheckpoints = Mutex(opened.checkpoints)
        recall.remember(self)
        if !opened.view.frozen.isEmpty { scheduleFlush() }
        // The selection may have changed while the partition was closed, or a change may have been cut short.
        if firstStaleRun(opened.view.runs) != nil { scheduleMerge() } else { scheduleIdleMerge() }
        scheduleSweep(atMilliseconds: 0)
        scheduleTrim()
        scheduleWeighing()
    }

    /// Collects what is indexed of a document, as of now.
    var indexing: IndexExtractor {
        IndexExtractor(seed: hashing.seed, selection: selection.withLock { $0 })
    }

    /// The view as of now.
    var currentView: View { view.withLock { $0 } }

    /// The LSN of the last commit that is durable and visible.
    public var lsn: UInt64 { currentView.lsn }

    /// The number of live items.
    public var itemCount: Int { currentView.itemCount }
}
