/// Unique keys, held in the order of the partition's writes.
extension CommitGroup {
    /// Refuses a text that shares the values of a unique key with another item of its partition key, be it there
    /// already or staged before.
    func checkUniqueKeys(
        of text: [UInt8], _ entries: IndexEntries, _ key: ItemKey
    ) throws(ItemWriteError) {
        let order = KeyOrder(key.effectiveKey.span)
        for (number, hash) in entries.uniqueHashes.enumerated() {
            let place = UniqueKeyPlace(number: number, order: order, hash: hash)
            for other in try others(at: place, than: key) {
                let isShared = indexing.uniqueValues(number, ofText: other)
                    == indexing.uniqueValues(number, ofText: text)
                if isShared { throw .uniqueKeyViolation }
            }
        }
    }

    /// The texts of the key's other items at a place.
    private func others(at place: UniqueKeyPlace, than key: ItemKey) throws(ItemWriteError) -> [[UInt8]] {
        var texts = stagedTexts(at: place, otherThan: key)
        let partitionKey = Array(key.partitionKey)
        do throws(EngineError) {
            for version in try view.versions(at: place, path: indexing.uniquePath(place.number)) {
                let found: (key: ItemKey, text: [UInt8])?? = try view.withRecord(version) { record in
                    guard record.hasPartitionKey(partitionKey.span), !record.isVersion(of: key),
                        !moment.hasEnded(record.header)
                    else { return nil }
                    return (record.itemKey, [UInt8](copying: record.text))
                }
                // What the group has written over counts as staged, or is gone.
                if let found = found ?? nil, !isStaged(found.key) { texts.append(found.text) }
            }
        } catch {
            throw .storage(error.message)
        }
        return texts
    }
}
