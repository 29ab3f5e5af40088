internal import OrreryDatabase
internal import OrreryEngine

/// Where a replay begins.
public enum ReplayStart: Sendable, Equatable {
    /// With the first change after an LSN, in every partition.
    case lsn(UInt64)
    /// With the first change at or after a time, in milliseconds since 1970.
    case time(Int64)
}

extension TriggerProgress {
    /// What puts a handler back to a place of a range. What the log lacks by the time it gets there is passed by, and
    /// what of it the handler was yet to be given is counted.
    func putBack(
        to start: ReplayStart, in range: PartitionKeyRange, of container: Container, _ name: String
    ) throws(DatabaseError) -> [CheckpointWrite] {
        let lsn = switch start {
        // Behind the end there is nothing to begin with: what is written next must not be passed by.
        case .lsn(let lsn): min(lsn, try container.lsn(of: range))
        case .time(let milliseconds): try container.lsn(of: range, beforeMilliseconds: milliseconds)
        }
        let gapVersionMax = try container.lastVersion(of: range)
        let missing = try missingCount(in: range, of: container)
        let lost = missing > 0 ? [Self.write(name, "lost", "\(lostCount &+ missing)")].compactMap { $0 } : []
        return lost + keys.keys.compactMap { Self.write(name, "key/\($0)", nil) }
            + Self.begin(name, at: HistoryPlace(lsn: lsn), gapVersionMax: gapVersionMax)
    }

    /// How many changes the log no longer has that the handler was yet to be given: at most so many, for what they were
    /// nobody knows any more. It reads what is left of the history up to there.
    func missingCount(in range: PartitionKeyRange, of container: Container) throws(DatabaseError) -> UInt64 {
        guard let place else { return 0 }
        let trimmedVersion = try container.trimmedVersion(of: range)
        let version = max(try container.lastVersion(of: range, upTo: place.lsn), gapVersionMax)
        guard version < trimmedVersion else { return 0 }
        var leftCount: UInt64 = 0
        var lsn = place.lsn
        while true {
            let page = try container.history(
                of: range, in: .container, after: lsn, sinceSeconds: nil, itemCountMax: nil, gapVersionMax: .max)
            guard let last = page.changes.last?.item.version else { break }
            leftCount += UInt64(page.changes.count { (version + 1...trimmedVersion).contains($0.item.version) })
            if last >= trimmedVersion { break }
            lsn = page.lsn
        }
        return trimmedVersion - version - min(leftCount, trimmedVersion - version)
    }
}
