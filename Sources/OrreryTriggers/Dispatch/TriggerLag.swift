internal import OrreryDatabase
internal import OrreryEngine

/// What was made in one partition and is not handled.
struct TriggerLag: Sendable {
    var count = 0
    /// When the oldest of it was made, in milliseconds since 1970; nil where there is none.
    var oldestMilliseconds: Int64?
    /// Up to where everything is handled.
    var place: HistoryPlace

    /// Counts the changes behind a place, by reading them.
    /// - Parameter countMax: no more than this are counted, but for the rest of a page.
    init(
        of range: PartitionKeyRange, in container: Container, after place: HistoryPlace,
        _ passes: (ItemChange) -> Bool, countMax: Int
    ) {
        self.place = place
        var lsn = place.lsn
        while count < countMax,
            let page = try? container.history(
                of: range, in: .container, after: lsn, sinceSeconds: nil, itemCountMax: nil, gapVersionMax: .max),
            !page.changes.isEmpty {
            for change in page.changes where passes(change) {
                count += 1
                oldestMilliseconds = oldestMilliseconds ?? change.item.timestampMilliseconds
            }
            lsn = page.lsn
        }
    }
}
