internal import OrreryKeys

/// Some consecutive versions, indexed. Immutable: a view keeps the batches it was made of.
///
/// Small batches are merged into larger ones as they come, so a partition has few of them and each entry is moved a
/// few times only.
final class DeltaBatch: Sendable {
    /// A version by its item's hash; sorted by hash, then version.
    struct HashEntry: Sendable, Comparable {
        let hash: UInt64
        let version: UInt64

        static func < (left: HashEntry, right: HashEntry) -> Bool {
            left.hash != right.hash ? left.hash < right.hash : left.version < right.version
        }
    }

    /// A version by its partition key; sorted by key order, then version.
    struct KeyEntry: Sendable, Comparable {
        let order: KeyOrder
        let version: UInt64

        static func < (left: KeyEntry, right: KeyEntry) -> Bool {
            left.order != right.order ? left.order < right.order : left.version < right.version
        }
    }

    let firstVersion: UInt64
    let lastVersion: UInt64
    /// Every version, tombstones too: a look-up must find that an item is gone.
    let hashes: [HashEntry]
    /// Every version but tombstones; without those that others of these superseded, where they are many.
    let keys: [KeyEntry]
    /// By how many these versions change the number of live items.
    let itemCountChange: Int
    /// Versions that these ones superseded, here or in older places; sorted.
    let superseded: [UInt64]
    /// Versions that say their item is gone; sorted.
    let tombstones: [UInt64]
    /// Those of the versions in ``keys``, by path and value.
    let postings: PostingColumns
    /// What was indexed of these versions.
    let selection: IndexSelection
    /// Those of the versions in ``keys`` that say themselves when they end; sorted.
    let expiries: [ExpiryEntry]

    /// The number of versions.
    var count: Int { hashes.count }

    init(
        firstVersion: UInt64, lastVersion: UInt64, hashes: [HashEntry], keys: [KeyEntry], itemCountChange: Int,
        superseded: [UInt64], tombstones: [UInt64], postings: PostingColumns, selection: IndexSelection,
        expiries: [ExpiryEntry]
    ) {
        self.firstVersion = firstVersion
        self.lastVersion = lastVersion
        self.hashes = hashes
        self.keys = keys
        self.itemCountChange = itemCountChange
        self.superseded = superseded
        self.tombstones = tombstones
        self.postings = postings
        self.selection = selection
        self.expiries = expiries
    }

    /// A batch without versions.
    static func empty(_ selection: IndexSelection) -> DeltaBatch {
        DeltaBatch(
            firstVersion: 0, lastVersion: 0, hashes: [], keys: [], itemCountChange: 0, superseded: [], tombstones: [],
            postings: PostingColumns([]), selection: selection, expiries: [])
    }

    /// Whether one of these versions superseded that one.
    func supersedes(_ version: UInt64) -> Bool {
        guard let first = superseded.first, let last = superseded.last, first <= version, version <= last else {
            return false
        }
        return superseded.binaryContains(version)
    }

    /// The places of an item's possible versions in ``hashes``, oldest first.
    func versions(ofHash hash: UInt64) -> Range<Int> {
        // Hashes are spread evenly: one is near where it would be if they were so exactly.
        let guess = Int(hash.multipliedFullWidth(by: UInt64(hashes.count)).high)
        let start = hashes.firstIndex(notBefore: HashEntry(hash: hash, version: 0), near: guess)
        var end = start
        while end < hashes.count, hashes[end].hash == hash { end += 1 }
        return start..<end
    }

    /// The merger of two batches that follow each other and have the same selection.
    ///
    /// What nobody will see again is left out where it is much: a counter that is written a thousand times leaves one
    /// posting for each path, and queries pass by no others.
    static func merging(_ older: DeltaBatch, _ newer: DeltaBatch) -> DeltaBatch {
        let superseded = older.superseded.merged(with: newer.superseded)
        var keys = older.keys.merged(with: newer.keys)
        var postings = PostingColumns.merging([older.postings, newer.postings])
        var expiries = older.expiries.merged(with: newer.expiries)
        let dead = superseded[superseded.firstIndex(notBefore: older.firstVersion)...]
        if dead.count * 4 > keys.count {
            let set = VersionSet(dead)
            keys.removeAll { set.contains($0.version) }
            expiries.removeAll { set.contains($0.version) }
            postings = postings.dropping(set)
        }
        return DeltaBatch(
            firstVersion: older.firstVersion, lastVersion: newer.lastVersion,
            hashes: older.hashes.merged(with: newer.hashes), keys: keys,
            itemCountChange: older.itemCountChange + newer.itemCountChange, superseded: superseded,
            tombstones: older.tombstones + newer.tombstones, postings: postings, selection: older.selection,
            expiries: expiries)
    }
}

/// Collects the versions of one group, in order, into a batch.
struct DeltaBatchBuilder {
    private var versions: (first: UInt64, last: UInt64)?
    private var hashes: [DeltaBatch.HashEntry] = []
    private var keys: [DeltaBatch.KeyEntry] = []
    private var superseded: [UInt64] = []
    private var tombstones: [UInt64] = []
    private var postings: PostingBatch
    private var expiries: [ExpiryEntry] = []
    private let indexing: IndexExtractor
    private let timestampPath: IndexPathHash

    /// - Parameter postingCount: how many postings there will be, as far as is known.
    init(_ indexing: IndexExtractor, postingCount: Int = 0) {
        self.indexing = indexing
        timestampPath = indexing.timestampPath
        postings = PostingBatch(capacity: postingCount)
    }

    var count: Int { hashes.count }

    mutating func add(_ header: LogHeader, hash: UInt64, order: KeyOrder, entries: IndexEntries) {
        versions = (versions?.first ?? header.version, header.version)
        hashes.append(DeltaBatch.HashEntry(hash: hash, version: header.version))
        if header.operation.isTombstone {
            tombstones.append(header.version)
        } else {
            keys.append(DeltaBatch.KeyEntry(order: order, version: header.version))
            let bits = IndexValue.orderedBits(Double(header.timestampMilliseconds / 1000))
            if !indexing.selection.rules.isEmpty {
                postings.add(timestampPath, orderedBits: bits, version: header.version)
            }
            if entries.isComplete {
                postings.add(entries, version: header.version)
            } else {
                postings.add(entries.completed(indexing, order: order, timestampBits: bits), version: header.version)
            }
            if let expiry = ExpiryEntry(header) { expiries.append(expiry) }
        }
        if header.previousVersion != 0 { superseded.append(header.previousVersion) }
    }

    /// Adds a version that is dead although what superseded it is not in the log any more: nobody finds it, and a walk
    /// over the log passes it by.
    mutating func add(dead header: LogHeader, order: KeyOrder) {
        versions = (versions?.first ?? header.version, header.version)
        keys.append(DeltaBatch.KeyEntry(order: order, version: header.version))
        superseded.append(header.version)
    }

    /// The batch; nil when nothing was added.
    consuming func finished() -> DeltaBatch? {
        guard let (first, last) = versions else { return nil }
        hashes.sort()
        keys.sort()
        superseded.sort()
        expiries.sort()
        return DeltaBatch(
            firstVersion: first, lastVersion: last, hashes: hashes, keys: keys,
            itemCountChange: keys.count - superseded.count, superseded: superseded,
            tombstones: tombstones, postings: PostingColumns([postings]), selection: indexing.selection,
            expiries: expiries)
    }
}

extension IndexEntries {
    /// Whether nothing of them waits for the commit.
    fileprivate var isComplete: Bool { timestampPlaces.isEmpty && uniqueHashes.isEmpty }

    /// With what only the commit knows.
    fileprivate func completed(
        _ indexing: IndexExtractor, order: KeyOrder, timestampBits bits: UInt64
    ) -> IndexEntries {
        var entries = self
        entries.fill(timestampBits: bits)
        for (number, hash) in uniqueHashes.enumerated() {
            let value = UniqueKeyPlace(number: number, order: order, hash: hash).value
            entries.add(indexing.uniquePath(number), tag: value.tag, bytes: value.bytes.span)
        }
        return entries
    }
}
