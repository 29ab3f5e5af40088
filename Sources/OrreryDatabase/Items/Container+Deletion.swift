internal import OrreryEngine
public import OrreryKeys

extension Container {
    /// How many items one commit of a deletion by partition key takes.
    private static var deletionItemsMax: Int { 1000 }

    /// Deletes all items of a partition key, as they are at the call. What is written to the key meanwhile stays.
    ///
    /// Large keys are deleted in several commits, so a reader may see a part gone; a failure leaves a part in place,
    /// and asking again deletes it.
    /// - Parameter completion: called once, from another thread where there was anything to delete, with how far the
    ///   partition has come.
    public func deleteItems(
        of partitionKey: PartitionKey,
        completion: @escaping @Sendable (Result<PartitionProgress, ItemFailure>) -> Void
    ) {
        do throws(DatabaseError) {
            let key = definition.partitionKey.effectiveKey(of: partitionKey)
            guard definition.partitionKey.isWhole(partitionKey) else { throw .partitionKeyMismatch }
            guard let range = range(holding: key) else { throw .rangeGone }
            let snapshot = try snapshot(of: range)
            let operations = try deletions(of: partitionKey, in: snapshot)
            let progress = PartitionProgress(rangeNumber: range.number, lsn: snapshot.lsn)
            commit(operations[...], progress, completion)
        } catch {
            completion(.failure(ItemFailure(index: 0, error: error, progress: nil)))
        }
    }

    private func deletions(
        of partitionKey: PartitionKey, in snapshot: PartitionSnapshot
    ) throws(DatabaseError) -> [ItemOperation] {
        var ids: [[UInt8]] = []
        do throws(EngineError) {
            _ = try snapshot.scan(scope(of: partitionKey)) { item in
                ids.append(item.id)
                return true
            }
        } catch {
            throw DatabaseError(error)
        }
        var operations: [ItemOperation] = []
        for id in ids { operations.append(try preparingDelete(id: id, partitionKey: partitionKey)) }
        return operations
    }

    private func commit(
        _ operations: ArraySlice<ItemOperation>, _ progress: PartitionProgress,
        _ completion: @escaping @Sendable (Result<PartitionProgress, ItemFailure>) -> Void
    ) {
        if operations.isEmpty {
            completion(.success(progress))
            return
        }
        let group = operations.prefix(Self.deletionItemsMax)
        commit(Array(group)) { [self] result in
            switch result {
            case .success(let answer):
                commit(operations.dropFirst(group.count), answer.progress, completion)
            case .failure(let failure) where failure.error == .notFound:
                // Somebody deleted this one first, which is as good; the rest of its group goes without it.
                var rest = operations
                rest.remove(at: rest.startIndex + failure.index)
                commit(rest, progress, completion)
            case .failure(let failure):
                completion(.failure(failure))
            }
        }
    }
}
