public import OrreryDocuments
public import OrreryEngine
public import OrreryKeys

/// Items of a container: operations are first checked and prepared, then committed or read in their partition.
extension Container {
    /// The most bytes of an item as it is sent (features and limits: 2 MB).
    public static var itemBytesMax: Int { 2 << 20 }

    // MARK: Preparing

    /// Reads and checks a document's text.
    /// - Throws: `.tooLarge`, `.invalid`.
    public static func document(parsing text: [UInt8]) throws(DatabaseError) -> JSONDocument {
        guard text.count <= itemBytesMax else { throw .tooLarge("Request size is too large") }
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: text)
        } catch {
            throw .invalid("The request body is not valid JSON: \(error)")
        }
        guard document.root.kind == .object else { throw .invalid("The request body must be a JSON object.") }
        return document
    }

    /// A create, which fails when there is an item of this id and partition key, or an upsert, which then replaces it.
    /// - Parameters:
    ///   - partitionKey: what the request named; nil to take the document's own.
    /// - Throws: `.invalid`, `.partitionKeyMismatch`.
    public func preparingCreate(
        _ document: JSONDocument, partitionKey: PartitionKey?, isUpsert: Bool = false,
        precondition: ItemWrite.Precondition = .none
    ) throws(DatabaseError) -> ItemOperation {
        let id = try Self.id(of: document.root)
        let body = try body(of: document)
        return try prepare(
            id, try self.partitionKey(of: document.root, named: partitionKey), isUpsert ? .upsert(body) : .create(body),
            precondition, propertyCount: document.root.count)
    }

    /// A replace of the item of this id. A document of another id takes its place: the old item goes and the new one
    /// comes in one commit, and only where the new id is free.
    /// - Throws: `.invalid`, `.partitionKeyMismatch`.
    public func preparingReplace(
        id: [UInt8], _ document: JSONDocument, partitionKey: PartitionKey?,
        precondition: ItemWrite.Precondition = .none
    ) throws(DatabaseError) -> ItemOperation {
        let newID = try Self.id(of: document.root)
        let key = try self.partitionKey(of: document.root, named: partitionKey)
        let body = try body(of: document)
        guard newID != id else {
            return try prepare(id, key, .replace(body), precondition, propertyCount: document.root.count)
        }
        var operation = try prepare(newID, key, .create(body), .none, propertyCount: document.root.count)
        operation.removal = try prepare(id, key, .delete, precondition).write
        return operation
    }

    /// A delete of the item of this id and partition key.
    public func preparingDelete(
        id: [UInt8], partitionKey: PartitionKey, precondition: ItemWrite.Precondition = .none
    ) throws(DatabaseError) -> ItemOperation {
        try prepare(id, try whole(partitionKey), .delete, precondition)
    }

    /// A read of the item as it stands when the operation's turn comes. For batches.
    public func preparingRead(
        id: [UInt8], partitionKey: PartitionKey, precondition: ItemWrite.Precondition = .none
    ) throws(DatabaseError) -> ItemOperation {
        try prepare(id, try whole(partitionKey), .read, precondition)
    }

    /// A change made from the item as it stands when the operation's turn comes, so that no other write can come
    /// between.
    /// - Parameter change: gives the new document; runs on a committer, so it must be quick. What it throws is the
    ///   operation's failure.
    public func preparingChange(
        id: [UInt8], partitionKey: PartitionKey, precondition: ItemWrite.Precondition = .none,
        _ change: @escaping @Sendable (JSONDocument) throws(DatabaseError) -> JSONDocument
    ) throws(DatabaseError) -> ItemOperation {
        let key = try whole(partitionKey)
        return try prepare(
            id, key,
            .transform { [self] (item) throws(ItemWriteError) in
                do throws(DatabaseError) {
                    let document = try change(try Self.document(parsing: item.text))
                    guard try Self.id(of: document.root) == id else { throw .invalid("The id of an item is fixed.") }
                    guard definition.partitionKey.partitionKey(of: document.root, header: key) != nil else {
                        throw .partitionKeyMismatch
                    }
                    guard document.text.count <= Self.itemBytesMax else {
                        throw .tooLarge("Request size is too large")
                    }
                    return try body(of: document)
                } catch {
                    throw .refused(error)
                }
            }, precondition)
    }

    private func prepare(
        _ id: [UInt8], _ partitionKey: PartitionKey, _ operation: ItemWrite.Operation,
        _ precondition: ItemWrite.Precondition, propertyCount: Int = 0
    ) throws(DatabaseError) -> ItemOperation {
        let effectiveKey = definition.partitionKey.effectiveKey(of: partitionKey)
        guard let rangeNumber = rangeNumber(holding: effectiveKey) else { throw .rangeGone }
        let key = ItemKey(effectiveKey: effectiveKey.bytes, partitionKey: partitionKey.canonicalBytes, id: id)
        return ItemOperation(
            write: ItemWrite(key: key, operation: operation, precondition: precondition), rangeNumber: rangeNumber,
            propertyCount: propertyCount)
    }

    private static func id(of root: JSONNode) throws(DatabaseError) -> [UInt8] {
        guard let node = root["id"], let id = node.stringBytes else {
            throw .invalid("The input content is invalid because the required properties - 'id; ' - are missing")
        }
        try ResourceName.validate(itemID: id)
        return id
    }

    private func body(of document: JSONDocument) throws(DatabaseError) -> ItemBody {
        let timeToLiveSeconds = try timeToLiveSeconds(of: document.root)
        let entries = indexing.entries(of: document)
        let body = systemProperties.body(of: document, entries: entries, timeToLiveSeconds: timeToLiveSeconds)
        guard let body else { throw .invalidInput }
        return body
    }

    /// The most bytes of one component of a partition key under version 2 hashing, and under version 1 (features and
    /// limits).
    private static var keyBytesMax: Int { 2048 }

    private func partitionKey(of root: JSONNode, named: PartitionKey?) throws(DatabaseError) -> PartitionKey {
        let key: PartitionKey
        if let named {
            guard let agreed = definition.partitionKey.partitionKey(of: root, header: named) else {
                throw .partitionKeyMismatch
            }
            key = agreed
        } else {
            key = definition.partitionKey.partitionKey(of: root)
        }
        return try whole(key)
    }

    /// Checks that a key names one partition rather than a prefix of many.
    func whole(_ key: PartitionKey) throws(DatabaseError) -> PartitionKey {
        guard key.values.count == definition.partitionKey.paths.count
            || (key.values.isEmpty && definition.partitionKey.isSystemKey)
        else { throw .partitionKeyMismatch }
        for case .string(let text) in key.values where text.utf8.count > Self.keyBytesMax {
            throw .invalid("The partition key value is longer than the limit of \(Self.keyBytesMax) bytes.")
        }
        return key
    }

    // MARK: Committing

    /// Commits operations that take effect together or not at all; all must be on one partition key.
    ///
    /// `completion` is called once, from another thread, after the commit is durable and visible or was refused.
    public func commit(
        _ operations: [ItemOperation],
        completion: @escaping @Sendable (Result<ItemCommitAnswer, ItemFailure>) -> Void
    ) {
        guard let first = operations.first else {
            completion(.failure(ItemFailure(index: 0, error: .invalidInput, progress: nil)))
            return
        }
        let key = first.write.key.effectiveKey
        if let other = operations.dropFirst().firstIndex(where: { $0.write.key.effectiveKey != key }) {
            completion(.failure(ItemFailure(index: other, error: .partitionKeyMismatch, progress: nil)))
            return
        }
        commit(operations, inRange: first.rangeNumber, checkpoint: nil, completion: completion)
    }

    /// Commits operations on any keys of one range, and changes of its checkpoints, that take effect together or not
    /// at all.
    ///
    /// `completion` is called once, from another thread, after the commit is durable and visible or was refused.
    public func commit(
        _ operations: [ItemOperation], in range: PartitionKeyRange, checkpoint: CheckpointChange?,
        completion: @escaping @Sendable (Result<ItemCommitAnswer, ItemFailure>) -> Void
    ) {
        if let other = operations.firstIndex(where: { $0.rangeNumber != range.number }) {
            completion(.failure(ItemFailure(index: other, error: .partitionKeyMismatch, progress: nil)))
            return
        }
        commit(operations, inRange: range.number, checkpoint: checkpoint, completion: completion)
    }

    private func commit(
        _ operations: [ItemOperation], inRange rangeNumber: UInt64, checkpoint: CheckpointChange?,
        completion: @escaping @Sendable (Result<ItemCommitAnswer, ItemFailure>) -> Void
    ) {
        let partition: Partition
        do throws(DatabaseError) {
            partition = try self.partition(ofRange: rangeNumber)
        } catch {
            completion(.failure(ItemFailure(index: 0, error: error, progress: nil)))
            return
        }
        let hasCheckpoint = checkpoint != nil
        partition.commit(
            ItemCommit(writes: Self.writes(of: operations), checkpoint: checkpoint) { result in
                switch result {
                case .success(let outcome):
                    completion(
                        .success(
                            ItemCommitAnswer(
                                answers: Self.answers(to: operations, outcome.outcomes),
                                progress: PartitionProgress(
                                    outcome.successorNumber ?? rangeNumber, partition, lsn: outcome.lsn))))
                case .failure(let failure):
                    completion(
                        .failure(
                            ItemFailure(
                                index: Self.index(ofWrite: failure.index, in: operations),
                                error: self.error(failure.error, hasCheckpoint: hasCheckpoint),
                                progress: PartitionProgress(rangeNumber, partition, lsn: partition.lsn))))
                }
            })
    }

    /// What a caller can do about a write that the engine refused. A partition that takes no more may have gone with
    /// its container; whoever keeps a checkpoint there asks for the container anew in any case.
    private func error(_ error: ItemWriteError, hasCheckpoint: Bool) -> DatabaseError {
        if case .closed = error, !hasCheckpoint, !isListed { return .notFound }
        return DatabaseError(error)
    }

    private static func writes(of operations: [ItemOperation]) -> [ItemWrite] {
        operations.count == 1 ? operations[0].writes : operations.flatMap(\.writes)
    }

    /// One answer for each operation, though one that gives an item another id is two writes.
    private static func answers(to operations: [ItemOperation], _ outcomes: [ItemOutcome]) -> [ItemAnswer] {
        if operations.count == 1, outcomes.count == 1 {
            let (operation, outcome) = (operations[0], outcomes[0])
            return [ItemAnswer(effect: outcome.effect, item: outcome.item, charge: operation.charge(for: outcome))]
        }
        var rest = outcomes[...]
        return operations.compactMap { operation in
            let outcomes = rest.prefix(operation.writes.count)
            rest = rest.dropFirst(outcomes.count)
            guard let last = outcomes.last else { return nil }
            let charge = outcomes.reduce(RequestCharge.zero) { $0 + operation.charge(for: $1) }
            let effect = operation.removal == nil ? last.effect : .replaced
            return ItemAnswer(effect: effect, item: last.item, charge: charge)
        }
    }

    /// The place of the operation that a write belongs to.
    private static func index(ofWrite write: Int, in operations: [ItemOperation]) -> Int {
        var end = 0
        for (index, operation) in operations.enumerated() {
            end += operation.writes.count
            if write < end { return index }
        }
        return max(operations.count - 1, 0)
    }

    // MARK: Reading

    /// The item of this id and partition key.
    /// - Parameter minimumLSN: the LSN of the caller's session token for a range, 0 for none.
    /// - Throws: `.notFound`, `.sessionNotAvailable` when the partition has not come that far.
    public func item(
        id: [UInt8], partitionKey: PartitionKey, minimumLSN: (UInt64) -> UInt64 = { _ in 0 }
    ) throws(ItemFailure) -> (item: Item, progress: PartitionProgress) {
        var progress: PartitionProgress?
        do throws(DatabaseError) {
            let key = try whole(partitionKey)
            let effectiveKey = definition.partitionKey.effectiveKey(of: key)
            guard let rangeNumber = rangeNumber(holding: effectiveKey) else { throw .rangeGone }
            let partition = try partition(ofRange: rangeNumber)
            let found: (item: Item?, lsn: UInt64)
            do throws(EngineError) {
                found = try partition.read(
                    ItemKey(effectiveKey: effectiveKey.bytes, partitionKey: key.canonicalBytes, id: id))
            } catch {
                throw DatabaseError(error)
            }
            let reached = PartitionProgress(rangeNumber, partition, lsn: found.lsn)
            progress = reached
            guard found.lsn >= minimumLSN(rangeNumber) else { throw .sessionNotAvailable }
            guard let item = found.item else { throw .notFound }
            return (item, reached)
        } catch {
            throw ItemFailure(index: 0, error: error, progress: progress)
        }
    }

    /// A consistent state of one range, for scans.
    /// - Parameter milliseconds: since 1970, as of when items are seen to end; nil for now.
    public func snapshot(
        of range: PartitionKeyRange, asOf milliseconds: Int64? = nil
    ) throws(DatabaseError) -> PartitionSnapshot {
        try partition(of: range).snapshot(asOf: milliseconds)
    }

    /// The scope that holds a partition key's items, for scans of the range that holds it.
    public func scope(of partitionKey: PartitionKey) -> PartitionSnapshot.Scope {
        .partitionKey(
            effectiveKey: definition.partitionKey.effectiveKey(of: partitionKey).bytes,
            partitionKey: partitionKey.canonicalBytes)
    }
}

extension ItemOperation {
    /// What the operation costs, by its outcome.
    fileprivate func charge(for outcome: ItemOutcome) -> RequestCharge {
        switch outcome.effect {
        case .created: .create(byteCount: outcome.item.text.count, indexedPropertyCount: propertyCount)
        case .replaced: .replace(byteCount: outcome.item.text.count, indexedPropertyCount: propertyCount)
        case .deleted: .replace(byteCount: outcome.previousTextCount, indexedPropertyCount: 0)
        case .read: .read(byteCount: outcome.item.text.count)
        }
    }
}

extension DatabaseError {
    /// What a caller can do about a write that the engine refused.
    init(_ error: ItemWriteError) {
        switch error {
        case .conflict: self = .conflict(Self.nameTaken)
        case .partitionKeyFull: self = .partitionKeyFull
        case .uniqueKeyViolation: self = .conflict("Unique index constraint violation.")
        case .notFound: self = .notFound
        case .preconditionFailed: self = .preconditionFailed
        case .notModified: self = .preconditionFailed
        case .checkpointMoved: self = .checkpointMoved
        case .refused(let reason): self = reason as? DatabaseError ?? .invalidInput
        case .closed: self = .unavailable("The store is closed.")
        case .storage: self = .unavailable("The store failed; nothing was changed. The server's log says more.")
        }
    }

    /// What a caller can do about a read that the engine refused. Files and disks are the operator's business.
    init(_ error: EngineError) {
        switch error {
        case .closed: self = .unavailable("The store is closed.")
        case .partitionGone: self = .rangeGone
        default: self = .unavailable("The store failed. The server's log says more.")
        }
    }
}
