/// Commits that remove what is there when their turn comes.
extension CommitGroup {
    /// Stages the deletion of every item of a partition key. Answers what went.
    mutating func deleteItems(
        ofPartitionKeyOf key: ItemKey, _ lsn: UInt64
    ) throws(ItemWriteError) -> ItemRemoval {
        var removal = ItemRemoval()
        for each in try itemKeys(ofPartitionKeyOf: key) {
            let hash = hashing.hash(each)
            guard let current = try current(each, hash: hash, withText: false, lsn) else { continue }
            stageTombstone(.delete, each, hash, over: current, lsn)
            removal.itemCount += 1
            removal.textCount += current.textCount
        }
        return removal
    }

    /// The keys that may have an item: those of the view, and those that the group has staged.
    private func itemKeys(ofPartitionKeyOf key: ItemKey) throws(ItemWriteError) -> [ItemKey] {
        let stagedKeys = staged.lazy.map(\.key).filter {
            $0.effectiveKey == key.effectiveKey && $0.partitionKey == key.partitionKey
        }
        let (effectiveKey, partitionKey) = (Array(key.effectiveKey), Array(key.partitionKey))
        let order = KeyOrder(effectiveKey.span)
        do throws(EngineError) {
            var keys: [ItemKey] = []
            for version in try view.versions(within: order...order, after: 0) {
                let found: ItemKey?? = try view.withRecord(version) { record in
                    record.effectiveKey.isEqual(to: effectiveKey.span) && record.hasPartitionKey(partitionKey.span)
                        ? record.itemKey : nil
                }
                if let found = found ?? nil { keys.append(found) }
            }
            return keys + stagedKeys
        } catch {
            throw .storage(error.message)
        }
    }

    /// Stages the end of those of these items whose time is over.
    mutating func expire(_ keys: [ItemKey], _ lsn: UInt64) throws(ItemWriteError) {
        // To look for an item is all it takes.
        for key in keys { _ = try current(key, hash: hashing.hash(key), withText: false, lsn) }
    }

    /// Stages the end of what is due under the present policy, and goes on under another.
    mutating func changeTimeToLive(
        to policy: TimeToLivePolicy, dueAfter place: ExpiryPlace, _ lsn: UInt64
    ) throws(ItemWriteError) {
        let due: [ItemKey]
        do throws(EngineError) {
            due = try view.expired(at: moment, after: place, limit: .max).keys
        } catch {
            throw .storage(error.message)
        }
        try expire(due, lsn)
        setTimeToLive(policy)
    }
}
