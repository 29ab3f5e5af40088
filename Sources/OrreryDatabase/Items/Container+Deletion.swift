internal import OrreryEngine
public import OrreryKeys

/// What a deletion by partition key did.
public struct PartitionKeyDeletion: Sendable {
    public let itemCount: Int
    public let charge: RequestCharge
    public let progress: PartitionProgress
}

extension Container {
    /// Deletes all items of a partition key, in one commit under one LSN: those that are there when its turn comes,
    /// and no others, so that what is written to the key afterwards stays.
    /// - Parameter completion: called once, from another thread, after the deletion is durable and visible or was
    ///   refused.
    public func deleteItems(
        of partitionKey: PartitionKey,
        completion: @escaping @Sendable (Result<PartitionKeyDeletion, ItemFailure>) -> Void
    ) {
        do throws(DatabaseError) {
            let key = try whole(partitionKey)
            let effectiveKey = definition.partitionKey.effectiveKey(of: key)
            guard let range = range(holding: effectiveKey) else { throw .rangeGone }
            let partition = try partition(of: range)
            partition.commit(
                ItemCommit(deletingItemsOf: effectiveKey.bytes, partitionKey: key.canonicalBytes) { result in
                    switch result {
                    case .success(let outcome):
                        completion(
                            .success(
                                PartitionKeyDeletion(
                                    itemCount: outcome.removal.itemCount, charge: .delete(outcome.removal),
                                    progress: PartitionProgress(
                                        outcome.successorNumber ?? range.number, partition, lsn: outcome.lsn))))
                    case .failure(let failure):
                        completion(
                            .failure(
                                ItemFailure(
                                    index: 0, error: DatabaseError(failure.error),
                                    progress: PartitionProgress(range.number, partition, lsn: partition.lsn))))
                    }
                })
        } catch {
            completion(.failure(ItemFailure(index: 0, error: error, progress: nil)))
        }
    }
}

extension RequestCharge {
    /// A deletion by partition key: a delete for each item, of the items' mean size, and no less than one request.
    static func delete(_ removal: ItemRemoval) -> RequestCharge {
        guard removal.itemCount > 0 else { return .minimum }
        let one = replace(byteCount: removal.textCount / removal.itemCount, indexedPropertyCount: 0)
        return RequestCharge(hundredths: one.hundredths * removal.itemCount)
    }
}
