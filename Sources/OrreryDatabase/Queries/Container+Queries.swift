internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryKeys
public import OrreryQuery

/// A page of a query's rows, and how far the ranges are that it was read from.
public struct ContainerQueryPage: Sendable {
    public var page: QueryPage
    public let progress: [PartitionProgress]
}

extension Container {
    /// Runs one page of a query over the items of a scope. What the query gathers, sorts or counts it gathers, sorts or
    /// counts over all of them; rows that are simply strung together come from one range a page, as the service does
    /// it.
    ///
    /// It may take as long as a page may, so it is not for threads that others wait for.
    /// - Throws: `.badQuery`, or what kept the items from being read.
    public func page(
        of query: Query, in scope: FeedScope, options: QueryPageOptions
    ) throws(DatabaseError) -> ContainerQueryPage {
        let ranges = try ranges(of: scope, from: nil)
        guard ranges.count > 1, query.readsItems, !query.needsMerge else {
            return try page(of: query, in: scope, ranges, options)
        }
        var options = options
        var rest = ranges
        if let text = options.continuation {
            let place = try RangeContinuation(text)
            rest = try self.ranges(of: scope, from: FeedPosition(rangeNumber: place.rangeNumber, version: 0))
            options.continuation = place.continuation
        }
        let range = rest.prefix(1)
        options.scope += Array("/\(range.first?.id ?? "")".utf8)
        var result = try page(of: query, in: scope, range, options)
        if let continuation = result.page.continuation, let number = range.first?.number {
            result.page.continuation = RangeContinuation(rangeNumber: number, continuation: continuation).text
        } else if let next = rest.dropFirst().first {
            result.page.continuation = RangeContinuation(rangeNumber: next.number, continuation: nil).text
        }
        return result
    }

    private func page(
        of query: Query, in scope: FeedScope, _ ranges: ArraySlice<PartitionKeyRange>, _ options: QueryPageOptions
    ) throws(DatabaseError) -> ContainerQueryPage {
        if let whole = try indexOnlyPage(of: query, in: scope, ranges, options) { return whole }
        let condition = query.pathCondition.flatMap(IndexCondition.init)
        var parts: [PartitionDocuments.Part] = []
        var progress: [PartitionProgress] = []
        for range in ranges {
            let snapshot = try snapshot(of: range)
            let scope = self.scope(of: scope, in: range)
            parts.append(
                PartitionDocuments.Part(
                    snapshot: snapshot, scope: scope,
                    candidates: try candidates(condition, scope, snapshot)))
            progress.append(PartitionProgress(rangeNumber: range.number, lsn: snapshot.lsn))
        }
        var documents = PartitionDocuments(parts)
        do throws(QueryError) {
            return ContainerQueryPage(page: try query.page(over: &documents, options: options), progress: progress)
        } catch {
            throw documents.failure ?? .badQuery(error)
        }
    }

    private func candidates(
        _ condition: IndexCondition?, _ scope: PartitionSnapshot.Scope, _ snapshot: PartitionSnapshot
    ) throws(DatabaseError) -> [UInt64]? {
        guard let condition else { return nil }
        do throws(EngineError) {
            return try snapshot.candidates(condition, in: scope)
        } catch {
            throw DatabaseError(error)
        }
    }

    /// What ties a continuation to the container and the part of it that a query reads, by the least key of the part:
    /// SDKs name one part now by a partition key and now by the range of its effective keys, and go on with the same
    /// token.
    public func queryBinding(of scope: FeedScope) -> [UInt8] {
        resourceIDText + keys(of: scope).min.bytes
    }
}
