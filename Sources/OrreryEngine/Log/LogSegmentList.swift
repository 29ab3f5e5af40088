/// The segments of a log by the versions that they begin with, as look-ups of records take them.
///
/// Whoever reads one looks its segment up, many times a query and on every thread. Counting a reference to the segment
/// at each look would have all of them change one number, and each wait until the others have; so none is counted.
@safe struct LogSegmentList: @unchecked Sendable {
    @safe private struct Entry {
        let firstVersion: UInt64
        let segment: Unmanaged<LogSegment>
    }

    private let entries: [Entry]

    /// - Parameter segments: oldest first. Whoever has the list keeps them.
    init(unretained segments: [LogSegment]) {
        entries = segments.map {
            unsafe Entry(firstVersion: $0.firstVersion, segment: Unmanaged.passUnretained($0))
        }
    }

    /// The place in the list of the last segment that begins at a version or before it.
    func index(of version: UInt64) -> Int? {
        // Most are asked for what was written last.
        if let last = entries.last, last.firstVersion <= version { return entries.count - 1 }
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].firstVersion <= version { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }

    /// Runs `body` with the segment at a place in the list, which must not keep it.
    func with<Result, Failure>(
        _ index: Int, _ body: (LogSegment) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The list's owner keeps the segment for as long as this runs.
        let outcome = unsafe entries[index].segment._withUnsafeGuaranteedRef { segment in
            Swift.Result { () throws(Failure) in try body(segment) }
        }
        return try outcome.get()
    }
}
