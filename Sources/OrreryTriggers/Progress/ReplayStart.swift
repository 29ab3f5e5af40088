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
    /// counted where the handler was yet to be given it.
    func putBack(
        to start: ReplayStart, in range: PartitionKeyRange, of container: Container, _ name: String
    ) throws(DatabaseError) -> [CheckpointWrite] {
        let lsn = switch start {
        // Behind the end there is nothing to begin with: what is written next must not be passed by.
        case .lsn(let lsn): min(lsn, try container.lsn(of: range))
        case .time(let milliseconds): try container.lsn(of: range, beforeMilliseconds: milliseconds)
        }
        let gapVersionMax = try container.lastVersion(of: range)
        var loss = try loss(in: range, of: container, upTo: lsn)
        // What was given once is not lost, though it be gone when it is to be given again.
        if let place { loss.version = max(loss.version, try container.lastVersion(of: range, upTo: place.lsn)) }
        return keys.keys.compactMap { Self.write(name, "key/\($0)", nil) }
            + Self.begin(name, at: HistoryPlace(lsn: lsn), gapVersionMax: gapVersionMax, loss)
    }
}
