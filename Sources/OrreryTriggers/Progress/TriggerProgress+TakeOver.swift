internal import OrreryDatabase
internal import OrreryEngine

extension TriggerProgress {
    /// How far a handler is in a range, as its last commit left it.
    init(of name: String, in range: PartitionKeyRange, of container: Container) throws(DatabaseError) {
        self.init(try container.checkpoints(withPrefix: Self.prefix(name), of: range), name: name)
        // The lease that the range before a split was given for ended with that.
        if let of = lease?.rangeNumber, of != range.number { lease?.expiresMilliseconds = 0 }
    }

    /// Gives the lease to its next owner, who goes on where the one before left off, or begins where `start` says.
    /// - Parameter milliseconds: when others may take over, since 1970.
    /// - Returns: the progress under the new lease.
    /// - Throws: `checkpointMoved` where another was quicker.
    func takenOver(
        by owner: String, untilMilliseconds milliseconds: Int64, from start: TriggerOptions.Start, _ name: String,
        in range: PartitionKeyRange, of container: Container
    ) async throws(DatabaseError) -> TriggerProgress {
        let end = try container.lsn(of: range)
        // What owners before were given and did not say to be handled may come again.
        let isWhereItWas = lease.map { $0.placeLSN == place?.lsn } ?? false
        let lease = TriggerLease(
            owner: owner, expiresMilliseconds: milliseconds, deliveredLSN: epoch > 0 ? end : 0,
            placeLSN: place?.lsn ?? (start == .now ? end : 0),
            deliveryCount: epoch > 0 ? (isWhereItWas ? self.lease?.deliveryCount ?? 0 : 0) + 1 : 0,
            rangeNumber: range.number)
        var next = self
        (next.epoch, next.lease) = (epoch + 1, lease)
        var writes = [
            Self.write(name, "epoch", "\(next.epoch)"), Self.write(name, "lease", lease.text),
        ].compactMap { $0 }
        if place == nil {
            let place = try start.place(in: range, of: container)
            next.place = place
            // Who asks for all since a time must hear of what is gone since; others begin with what is left.
            if !start.isTime {
                next.gapVersionMax = try container.lastVersion(of: range)
                next.loss.version = try container.trimmedVersion(of: range)
            }
            writes += Self.begin(name, at: place, gapVersionMax: next.gapVersionMax, next.loss)
        }
        let condition = Self.condition(name, epoch: epoch)
        try await container.commit(CheckpointChange(condition: condition, writes: writes), in: range)
        return next
    }
}
