internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryKeys
internal import OrreryQuery

/// Pages that the index answers by itself, or nearly: counts, and the first rows of an order. They say what the plain
/// way would say; where that is not certain they answer nothing, and the plain way is taken.
extension Container {
    func indexOnlyPage(
        of query: Query, in scope: FeedScope, _ ranges: ArraySlice<PartitionKeyRange>, _ options: QueryPageOptions
    ) throws(DatabaseError) -> ContainerQueryPage? {
        // A part of a range is not told apart in the index.
        for range in ranges {
            guard case .all = self.scope(of: scope, in: range) else { return nil }
        }
        if let counted = query.countedCondition.flatMap(IndexCondition.init) {
            return try countedPage(of: query, counted, ranges, options)
        }
        if let order = query.order, ranges.count == 1, let range = ranges.first {
            return try orderedPage(of: query, order, range, options)
        }
        return nil
    }

    private func countedPage(
        of query: Query, _ condition: IndexCondition, _ ranges: ArraySlice<PartitionKeyRange>,
        _ options: QueryPageOptions
    ) throws(DatabaseError) -> ContainerQueryPage? {
        var total = 0
        var progress: [PartitionProgress] = []
        for range in ranges {
            let snapshot = try snapshot(of: range)
            let count = try reading { () throws(EngineError) in try snapshot.count(condition) }
            guard let count else { return nil }
            total += count
            progress.append(PartitionProgress(rangeNumber: range.number, lsn: snapshot.lsn))
        }
        do throws(QueryError) {
            return ContainerQueryPage(page: try query.page(counting: total, options: options), progress: progress)
        } catch {
            throw .badQuery(error)
        }
    }

    /// How many candidates the first try takes for each row wanted, and each further try for each before.
    private static var candidatesPerRow: Int { 4 }
    /// Rows of a page that does not say how many it wants.
    private static var rowsWantedDefault: Int { 100 }

    /// Runs the query over the items that come first in its order, more of them each time, until they fill the page.
    /// All that share a value are taken together, so that no item left out could come before one of the page.
    private func orderedPage(
        of query: Query, _ order: Query.Order, _ range: PartitionKeyRange, _ options: QueryPageOptions
    ) throws(DatabaseError) -> ContainerQueryPage? {
        guard let values = Self.values(of: order), let path = IndexPath(order.path) else { return nil }
        let snapshot = try snapshot(of: range)
        let wanted = min(options.rowCountMax ?? Self.rowsWantedDefault, order.rowCountMax ?? .max)
        var count = Self.candidatesPerRow * max(4, wanted)
        // Once most items are candidates the plain way costs less.
        while count < snapshot.itemCount / 4 {
            let first = try reading { () throws(EngineError) in
                try snapshot.first(count, by: path, within: values, isDescending: order.isDescending)
            }
            guard let first else { return nil }
            // Behind the last value come items without one: they are not among the candidates.
            if first.isComplete, order.condition == nil { return nil }
            var documents = PartitionDocuments([
                PartitionDocuments.Part(snapshot: snapshot, scope: .all, candidates: first.versions)
            ])
            let page: QueryPage
            do throws(QueryError) {
                page = try query.page(over: &documents, options: options)
            } catch {
                throw documents.failure ?? .badQuery(error)
            }
            let isFull = page.continuation != nil || (options.continuation == nil && page.rowCount == order.rowCountMax)
            if first.isComplete || isFull {
                let progress = PartitionProgress(rangeNumber: range.number, lsn: snapshot.lsn)
                return ContainerQueryPage(page: page, progress: [progress])
            }
            count *= Self.candidatesPerRow
        }
        return nil
    }

    /// The values within which the order's path lies; nil where items without one would come first.
    private static func values(of order: Query.Order) -> ClosedRange<IndexValue>? {
        guard let condition = order.condition else {
            return order.isDescending ? .first...(.last) : nil
        }
        guard case .range(_, let values)? = IndexCondition(condition) else { return nil }
        return values
    }

    private func reading<Result>(
        _ body: () throws(EngineError) -> Result
    ) throws(DatabaseError) -> Result {
        do throws(EngineError) { return try body() } catch { throw DatabaseError(error) }
    }
}
