internal import OrreryDocuments
internal import OrreryKeys

/// Decides a group of commits: checks each against the view and what the group has staged before it, and gives the
/// accepted writes their numbers. It writes nothing: what it staged goes to the log as one transaction, or nowhere.
struct CommitGroup {
    /// A write that was accepted.
    struct Staged {
        let header: LogHeader
        let key: ItemKey
        let hash: UInt64
        let text: [UInt8]
        let entries: IndexEntries
    }

    /// An item as a write finds it.
    struct Current {
        let header: LogHeader
        let textCount: Int
        /// Nil where the text was not asked for.
        let item: Item?
    }

    let view: View
    let hashing: ItemHash
    let indexing: IndexExtractor
    private let container: ResourceID
    private let nonce: UInt32
    /// When the group is decided, and the policy that tells which items are over by then.
    private(set) var moment: ExpiryMoment
    /// The effective partition keys that take no more, as far as is known.
    private let fullKeys: Set<[UInt8]>
    /// Whether a write was refused because of them.
    private(set) var hasMetFullKey = false

    /// The numbers given so far.
    private(set) var marks: LogSegment.Marks
    private(set) var staged: [Staged] = []
    private(set) var stagedBytes = 0
    /// What the group does to checkpoints, in order.
    private(set) var checkpoints: [CheckpointWrite] = []
    private var earlierCheckpoints: CheckpointTable
    /// The newest staged write of each hash.
    private var newest: [UInt64: Int] = [:]
    /// Where the values of unique keys were staged.
    private var stagedPlaces: [UniqueKeyPlace: [Int]] = [:]

    init(
        view: View, marks: LogSegment.Marks, hashing: ItemHash, indexing: IndexExtractor,
        container: ResourceID, nonce: UInt32, earlierCheckpoints: CheckpointTable = CheckpointTable(),
        moment: ExpiryMoment, fullKeys: Set<[UInt8]> = []
    ) {
        self.fullKeys = fullKeys
        self.earlierCheckpoints = earlierCheckpoints
        self.view = view
        self.marks = marks
        self.hashing = hashing
        self.indexing = indexing
        self.container = container
        self.nonce = nonce
        // Time never falls within a partition, whatever the clock does.
        self.moment = ExpiryMoment(
            policy: moment.policy, nowMilliseconds: max(moment.nowMilliseconds, marks.timestampMilliseconds))
    }

    /// Decides one commit. When one of its writes is refused nothing of it is staged.
    mutating func decide(
        _ work: ItemCommit.Work, _ checkpoint: CheckpointChange? = nil
    ) -> Result<ItemCommitOutcome, ItemCommitError> {
        if let condition = checkpoint?.condition, !holds(condition) {
            return .failure(ItemCommitError(index: 0, error: .checkpointMoved))
        }
        let before = (marks: marks, count: staged.count, bytes: stagedBytes)
        let lsn = marks.lsn + 1
        var outcomes: [ItemOutcome] = []
        var removal = ItemRemoval()
        do throws(ItemWriteError) {
            switch work {
            case .writes(let writes):
                outcomes.reserveCapacity(writes.count)
                for write in writes { outcomes.append(try decide(write, lsn: lsn)) }
            case .deletePartitionKey(let key): removal = try deleteItems(ofPartitionKeyOf: key, lsn)
            case .expire(let keys): try expire(keys, lsn)
            case .changeTimeToLive(let policy, let place): try changeTimeToLive(to: policy, dueAfter: place, lsn)
            }
        } catch {
            undo(to: before)
            return .failure(ItemCommitError(index: outcomes.count, error: error))
        }
        if staged.count > before.count {
            marks.lsn = lsn
            marks.timestampMilliseconds = moment.nowMilliseconds
        }
        checkpoints += checkpoint?.writes ?? []
        return .success(ItemCommitOutcome(outcomes: outcomes, lsn: marks.lsn, removal: removal))
    }

    private func holds(_ condition: CheckpointChange.Condition) -> Bool {
        let current = if let staged = checkpoints.last(where: { $0.key == condition.key }) {
            staged.value
        } else {
            earlierCheckpoints.values[condition.key]
        }
        return current == condition.value
    }

    /// Stages what the group does to checkpoints, as one record behind all others. It has a version, as all that the
    /// log holds, and the LSN of what stands before it.
    mutating func stageCheckpoints() {
        // Held any longer it would be copied when the group is published.
        earlierCheckpoints = CheckpointTable()
        if checkpoints.isEmpty { return }
        marks.version += 1
        let header = LogHeader(
            version: marks.version, lsn: marks.lsn, previousVersion: 0, documentNumber: 0,
            timestampMilliseconds: marks.timestampMilliseconds, nonce: 0, operation: .checkpoint,
            previousTextCount: 0)
        let key = ItemKey(effectiveKey: [], partitionKey: [], id: [])
        staged.append(
            Staged(header: header, key: key, hash: 0, text: CheckpointWrite.text(of: checkpoints), entries: .none))
    }

    /// Whether nothing but checkpoints is staged.
    var isOfNoItem: Bool { staged.allSatisfy { $0.header.operation.isOfNoItem } }

    private mutating func undo(to before: (marks: LogSegment.Marks, count: Int, bytes: Int)) {
        (marks, stagedBytes) = (before.marks, before.bytes)
        guard staged.count > before.count else { return }
        staged.removeSubrange(before.count...)
        newest = [:]
        for (index, record) in staged.enumerated() { newest[record.hash] = index }
        stagedPlaces = stagedPlaces.mapValues { $0.filter { $0 < before.count } }
    }

    // MARK: One write

    private mutating func decide(_ write: ItemWrite, lsn: UInt64) throws(ItemWriteError) -> ItemOutcome {
        let hash = hashing.hash(write.key)
        let current = try current(write.key, hash: hash, withText: write.operation.needsText, lsn)
        try check(write.precondition, current, isRead: write.operation.isRead)
        switch write.operation {
        case .create(let body):
            guard current == nil else { throw .conflict }
            return try stage(write, hash, body, over: nil, lsn)
        case .replace(let body):
            guard let current else { throw .notFound }
            return try stage(write, hash, body, over: current, lsn)
        case .upsert(let body):
            return try stage(write, hash, body, over: current, lsn)
        case .transform(let transform):
            guard let current, let item = current.item else { throw .notFound }
            return try stage(write, hash, try transform(item), over: current, lsn)
        case .delete:
            guard let current else { throw .notFound }
            let header = stageTombstone(.delete, write.key, hash, over: current, lsn, by: write)
            return ItemOutcome(
                effect: .deleted, item: item(header, write.key, text: []), previousTextCount: current.textCount)
        case .read:
            guard let current, let item = current.item else { throw .notFound }
            return ItemOutcome(effect: .read, item: item, previousTextCount: current.textCount)
        }
    }

    private func check(
        _ precondition: ItemWrite.Precondition, _ current: Current?, isRead: Bool
    ) throws(ItemWriteError) {
        let holds: Bool
        switch precondition {
        case .none: holds = true
        // An item that is not there is "not found" before it is anything else; the operation says so.
        case .match(let etag): holds = current.map { $0.header.etag == etag } ?? true
        case .exists: holds = true
        case .noneMatch(let etag): holds = current.map { $0.header.etag != etag } ?? true
        case .absent: holds = current == nil
        }
        if !holds { throw isRead ? .notModified : .preconditionFailed }
    }

    private mutating func stage(
        _ write: ItemWrite, _ hash: UInt64, _ body: ItemBody, over current: Current?, _ lsn: UInt64
    ) throws(ItemWriteError) -> ItemOutcome {
        let key = write.key
        try checkRoom(for: body.text.count, in: key, over: current)
        marks.version += 1
        if current == nil { marks.documentNumber += 1 }
        let header = LogHeader(
            version: marks.version, lsn: lsn, previousVersion: current?.header.version ?? 0,
            documentNumber: current?.header.documentNumber ?? marks.documentNumber,
            timestampMilliseconds: moment.nowMilliseconds, nonce: nonce,
            operation: current == nil ? .create : .replace,
            previousTextCount: UInt32(clamping: current?.textCount ?? 0), timeToLiveSeconds: body.timeToLiveSeconds,
            origin: write.origin, trace: write.trace)
        let text = body.text(
            resourceID: container.child(.item, header.documentNumber), etag: header.etag,
            timestampSeconds: moment.nowMilliseconds / 1000)
        let entries = entries(of: body, completed: text)
        if !entries.uniqueHashes.isEmpty { try checkUniqueKeys(of: text, entries, key) }
        add(Staged(header: header, key: key, hash: hash, text: text, entries: entries))
        return ItemOutcome(
            effect: current == nil ? .created : .replaced, item: item(header, key, text: text),
            previousTextCount: current?.textCount ?? 0)
    }

    /// Refuses what would make a partition key larger that is full.
    private mutating func checkRoom(
        for textCount: Int, in key: ItemKey, over current: Current?
    ) throws(ItemWriteError) {
        guard !fullKeys.isEmpty, textCount > current?.textCount ?? 0 else { return }
        guard fullKeys.contains(Array(key.effectiveKey)) else { return }
        hasMetFullKey = true
        throw .partitionKeyFull
    }

    /// The body's own entries, unless the indexing policy has changed since they were made.
    private func entries(of body: ItemBody, completed text: [UInt8]) -> IndexEntries {
        if body.entries.selection == indexing.selection { return body.entries }
        guard let document = try? JSONDocument(parsing: text) else { return .none }
        return indexing.entries(of: document)
    }

    /// Stages the end of an item. Answers the tombstone's header.
    @discardableResult
    mutating func stageTombstone(
        _ operation: LogOperation, _ key: ItemKey, _ hash: UInt64, over current: Current, _ lsn: UInt64,
        by write: ItemWrite? = nil
    ) -> LogHeader {
        marks.version += 1
        let header = LogHeader(
            version: marks.version, lsn: lsn, previousVersion: current.header.version,
            documentNumber: current.header.documentNumber, timestampMilliseconds: moment.nowMilliseconds,
            nonce: nonce, operation: operation, previousTextCount: UInt32(clamping: current.textCount),
            origin: write?.origin ?? 0, trace: write?.trace ?? .none)
        add(Staged(header: header, key: key, hash: hash, text: [], entries: .none))
        return header
    }

    private mutating func add(_ record: consuming Staged) {
        newest[record.hash] = staged.count
        stagedBytes += record.header.recordByteCount(record.key, textCount: record.text.count)
        if !record.entries.uniqueHashes.isEmpty {
            let order = KeyOrder(record.key.effectiveKey.span)
            for (number, hash) in record.entries.uniqueHashes.enumerated() {
                stagedPlaces[UniqueKeyPlace(number: number, order: order, hash: hash), default: []].append(staged.count)
            }
        }
        staged.append(record)
    }

    /// Whether the group has written this item.
    func isStaged(_ key: ItemKey) -> Bool {
        newest[hashing.hash(key)] != nil && staged.contains { $0.key == key }
    }

    /// The texts that other items of the partition key have at a place, as the group leaves them.
    func stagedTexts(at place: UniqueKeyPlace, otherThan key: ItemKey) -> [[UInt8]] {
        (stagedPlaces[place] ?? []).compactMap { index in
            let other = staged[index]
            guard other.key != key, other.key.partitionKey == key.partitionKey,
                staged.lastIndex(where: { $0.key == other.key }) == index
            else { return nil }
            return other.text
        }
    }

    private func item(_ header: LogHeader, _ key: ItemKey, text: [UInt8]) -> Item {
        Item(
            version: header.version, lsn: header.lsn, etag: header.etag,
            timestampMilliseconds: header.timestampMilliseconds, documentNumber: header.documentNumber,
            id: Array(key.id), text: text, origin: header.origin, trace: header.trace)
    }

    /// From here on the group's commits find items over by another policy.
    mutating func setTimeToLive(_ policy: TimeToLivePolicy) {
        moment = ExpiryMoment(policy: policy, nowMilliseconds: moment.nowMilliseconds)
    }

    // MARK: What is there

    /// The item as the group's commits so far leave it. One whose time is over is absent; its end is staged, so that
    /// the log has it before whatever takes its place.
    mutating func current(
        _ key: ItemKey, hash: UInt64, withText: Bool, _ lsn: UInt64
    ) throws(ItemWriteError) -> Current? {
        guard let found = try find(key, hash: hash, withText: withText) else { return nil }
        guard moment.hasEnded(found.header) else { return found }
        stageTombstone(.expire, key, hash, over: found, lsn)
        return nil
    }

    private func find(_ key: ItemKey, hash: UInt64, withText: Bool) throws(ItemWriteError) -> Current? {
        if let record = newestStaged(key, hash: hash) {
            if record.header.operation.isTombstone { return nil }
            return Current(
                header: record.header, textCount: record.text.count,
                item: withText ? item(record.header, key, text: record.text) : nil)
        }
        return try unstaged(key, hash: hash, withText: withText)
    }

    private func newestStaged(_ key: ItemKey, hash: UInt64) -> Staged? {
        guard let index = newest[hash] else { return nil }
        if staged[index].key == key { return staged[index] }
        // Another item of the same hash came later.
        return staged[..<index].last { $0.hash == hash && $0.key == key }
    }

    private func unstaged(_ key: ItemKey, hash: UInt64, withText: Bool) throws(ItemWriteError) -> Current? {
        do throws(EngineError) {
            return try view.withCurrent(key, hash: hash) { record in
                Current(
                    header: record.header, textCount: record.text.count, item: withText ? record.copied() : nil)
            }
        } catch {
            throw .storage(error.message)
        }
    }
}

extension ItemWrite.Operation {
    fileprivate var needsText: Bool {
        switch self {
        case .transform, .read: true
        case .create, .replace, .upsert, .delete: false
        }
    }

    fileprivate var isRead: Bool {
        if case .read = self { true } else { false }
    }
}
