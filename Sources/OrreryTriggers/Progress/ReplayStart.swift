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
    /// What puts a handler back to a place of a range. What the log lacks by the time it gets there is passed by.
    func putBack(
        to start: ReplayStart, in range: PartitionKeyRange, of container: Container, _ name: String
    ) throws(DatabaseError) -> [CheckpointWrite] {
        let lsn = switch start {
        // Behind the end there is nothing to begin with: what is written next must not be passed by.
        case .lsn(let lsn): min(lsn, try container.lsn(of: range))
        case .time(let milliseconds): try container.lsn(of: range, beforeMilliseconds: milliseconds)
        }
        let gapVersionMax = try container.lastVersion(of: range)
        return keys.keys.compactMap { Self.write(name, "key/\($0)", nil) }
            + Self.begin(name, at: HistoryPlace(lsn: lsn), gapVersionMax: gapVersionMax)
    }
}
