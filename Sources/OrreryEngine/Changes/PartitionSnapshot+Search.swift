/// Places in the log by what is known of them: numbers and times only rise, so they are found by search.
extension PartitionSnapshot {
    /// The last version written at or before an LSN; 0 where there is none.
    public func lastVersion(upTo lsn: UInt64) throws(EngineError) -> UInt64 {
        // A version's number is never below its LSN, so that the search may begin there.
        try view.lastVersion(from: min(lsn, view.lsn)) { $0.lsn <= lsn }
    }

    /// The last version written before a time; 0 where there is none.
    public func lastVersion(beforeMilliseconds milliseconds: Int64) throws(EngineError) -> UInt64 {
        try view.lastVersion(from: 0) { $0.timestampMilliseconds < milliseconds }
    }
}

extension View {
    /// The last version of those that `isBefore` holds for: all up to some one, and none behind it.
    /// - Parameter start: 0, or a number that it holds for.
    func lastVersion(from start: UInt64, where isBefore: (LogHeader) -> Bool) throws(EngineError) -> UInt64 {
        var low = start
        var step: UInt64 = 1
        // Steps that double find the neighbourhood first: a reader that goes on begins near its place.
        while try header(atOrAfter: low + step).map(isBefore) ?? false {
            low += step
            step *= 2
        }
        // It holds at `low`, and not at the end of the step.
        while step > 1 {
            let half = step / 2
            if try header(atOrAfter: low + half).map(isBefore) ?? false {
                low += half
                step -= half
            } else {
                step = half
            }
        }
        return low
    }

    /// The first version from one on; nil where this view has none. Versions rise with the writes of one partition and
    /// stay far below what a sum of two of them could overflow.
    fileprivate func header(atOrAfter version: UInt64) throws(EngineError) -> LogHeader? {
        var found: LogHeader?
        _ = try walkLog(after: version - 1) { record in
            found = record.header
            return false
        }
        // The last of the log may have been trimmed: what it was stands in the segment behind it.
        if found == nil, let marks = segments.last?.marks, marks.version >= version {
            found = LogHeader(
                version: marks.version, lsn: marks.lsn, previousVersion: 0, documentNumber: 0,
                timestampMilliseconds: marks.timestampMilliseconds, nonce: 0, operation: .elsewhere,
                previousTextCount: 0)
        }
        return found
    }
}

extension PartitionSnapshot {
    /// The last LSN before a time; 0 where there is none.
    public func lastLSN(beforeMilliseconds milliseconds: Int64) throws(EngineError) -> UInt64 {
        let version = try lastVersion(beforeMilliseconds: milliseconds)
        return version == 0 ? 0 : try view.header(atOrAfter: version)?.lsn ?? 0
    }
}
