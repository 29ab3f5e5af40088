internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryKeys
public import OrreryQuery

/// A page of a query's rows, and how far the ranges are that it was read from. A class, for it is handed from one to
/// the other.
public final class ContainerQueryPage {
    public var page: QueryPage
    public let progress: [PartitionProgress]
    /// How the page was answered, where that was asked for.
    public internal(set) var explanation: QueryExplanation?

    init(page: consuming QueryPage, progress: [PartitionProgress]) {
        self.page = page
        self.progress = progress
    }
}

extension Container {
    /// Reads a query over the container's items. Texts that come again are not parsed again.
    public func query(
        _ text: [UInt8], parameters: QueryParameters = QueryParameters()
    ) throws(QueryError) -> Query {
        try queryCache.query(text, parameters: parameters, computedProperties: definition.computedProperties)
    }

    /// Runs one page of a query over the items of a scope. What the query gathers, sorts or counts it gathers, sorts or
    /// counts over all of them; rows that are simply strung together come from one range a page, as the service does
    /// it.
    ///
    /// It may take as long as a page may, so it is not for threads that others wait for.
    /// - Parameter isExplained: whether the answer says how it was found.
    /// - Throws: `.badQuery`, or what kept the items from being read.
    public func page(
        of query: Query, in scope: FeedScope, options: consuming QueryPageOptions, isExplained: Bool = false
    ) throws(DatabaseError) -> ContainerQueryPage {
        let prepared = try prepared(query, isExplained, isLong: !options.isBrief)
        let now = clock()
        let moment = try QueryMoment.take(
            from: &options, itemsEnd: definition.timeToLive != .off, nowMilliseconds: now)
        let run = QueryRun(query: prepared, scope: scope, asOf: moment?.milliseconds(nowMilliseconds: now))
        let result = query.readsItems && !query.needsMerge
            ? try pageOfOneRange(run, options) : try pageOfAllRanges(run, query, options)
        if let moment { result.page.continuation = result.page.continuation.map { moment.text + $0 } }
        return result
    }

    /// What all pages of a query have in common.
    private struct QueryRun {
        let query: PreparedQuery
        let scope: FeedScope
        /// As of when items are seen to end, in milliseconds since 1970; nil for now.
        let asOf: Int64?
    }

    private func pageOfAllRanges(
        _ run: QueryRun, _ query: Query, _ options: consuming QueryPageOptions
    ) throws(DatabaseError) -> ContainerQueryPage {
        let ranges = try ranges(of: run.scope, from: QueryPosition?.none)
        if ranges.count > 1, query.streams {
            // Such a continuation counts the ranges: it holds as long as they stay.
            options.scope += Array(ranges.map { "/\($0.id)" }.joined().utf8)
        }
        return try page(run, ranges, options)
    }

    /// The same page, run on a thread that others wait for; nil where it turns out to be more than a handful of work.
    public func briefPage(
        of query: Query, in scope: FeedScope, options: consuming QueryPageOptions, isExplained: Bool = false
    ) throws(DatabaseError) -> ContainerQueryPage? {
        options.isBrief = true
        do throws(DatabaseError) {
            return try page(of: query, in: scope, options: options, isExplained: isExplained)
        } catch .badQuery(let error) where error.code == .limitExceeded {
            return nil
        }
    }

    /// A page of a query whose rows are strung together. Its continuation outlives splits: it names the range.
    private func pageOfOneRange(
        _ run: QueryRun, _ options: consuming QueryPageOptions
    ) throws(DatabaseError) -> ContainerQueryPage {
        let position = try options.continuation.map { text throws(DatabaseError) in try QueryPosition(text: text) }
        var rest = try ranges(of: run.scope, from: position)
        let current = rest.prefix(1)
        guard let range = rest.popFirst() else { throw .rangeGone }
        options.continuation = position?.place(in: range).flatMap { $0.isEmpty ? nil : $0 }
        let result = try page(run, current, options)
        if let continuation = result.page.continuation {
            result.page.continuation = QueryPosition.at(continuation, in: range, before: rest, keeping: position).text
        } else if let next = rest.popFirst() {
            let place = position?.place(in: next) ?? ""
            result.page.continuation = QueryPosition.at(place, in: next, before: rest, keeping: position).text
        }
        return result
    }

    /// Makes the query's plan.
    /// - Throws: `.badQuery` for an ORDER BY of several properties that no composite index of the policy serves.
    private func prepared(
        _ query: Query, _ isExplained: Bool, isLong: Bool
    ) throws(DatabaseError) -> PreparedQuery {
        do throws(QueryError) {
            let prepared = try query.prepared(isExplained: isExplained, isLong: isLong)
            let order = prepared.demand.declaredOrder
            guard order.count < 2 || OrderPlanner.hasComposite(for: order, in: indexing.selection.composites) else {
                throw .noCompositeIndex
            }
            return prepared
        } catch {
            throw .badQuery(error)
        }
    }

    private func page(
        _ run: QueryRun, _ ranges: ArraySlice<PartitionKeyRange>, _ options: consuming QueryPageOptions
    ) throws(DatabaseError) -> ContainerQueryPage {
        var work = try QueryWork(run.query, options: options, indexing.selection, helpers: scanHelpers)
        // By places: a copy of a range would count references that all threads share.
        for index in ranges.indices {
            let number = ranges[index].number
            work.add(
                try partition(ofRange: number).snapshot(asOf: run.asOf),
                self.scope(of: run.scope, in: ranges[index]), rangeNumber: number)
        }
        var answer = try work.answer()
        // Taken out, not copied: rows that two hold are copied when one adds to them.
        var page = QueryPage()
        swap(&page, &answer.page)
        let result = ContainerQueryPage(page: page, progress: work.progress)
        if let access = answer.access {
            result.explanation = QueryExplanation(
                access: access, documentCount: result.page.metrics.retrievedDocumentCount,
                steps: run.query.steps(of: result.page), rangeCount: ranges.count)
        }
        return result
    }

    /// What ties a continuation to the container. Not to a part of it: SDKs name one part now by a partition key and
    /// now by the range of its effective keys, and go on with the same token in the children of a range.
    public var queryBinding: [UInt8] { resourceIDText }
}
