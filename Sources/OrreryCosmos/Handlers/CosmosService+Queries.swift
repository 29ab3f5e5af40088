import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryHTTP
import OrreryKeys
import OrreryQuery

extension CosmosService {
    /// `POST …/docs` with a query
    func queryItems(_ request: CosmosRequest, _ exchange: CosmosExchange) throws(CosmosError) {
        let target = try ItemRequest(request, containers)
        let query = try QueryRequest.query(request, over: target.container)
        let scope = try target.scope(of: query)
        var options = try pageOptions(request)
        options.scope = target.container.queryBinding
        options.rowsHead = CosmosResponse.feedHead(.document, parent: target.container.resourceIDText)
        // A handful of items is read sooner than another thread is woken.
        if let response = try target.answer(query, in: scope, options, isBrief: true) {
            exchange.respond(response)
            return
        }
        try answerLater(exchange) { [options] () throws(CosmosError) in
            try target.answer(query, in: scope, options)
        }
    }

    /// Answers on a thread for queries.
    private func answerLater(
        _ exchange: CosmosExchange, _ answer: @escaping @Sendable () throws(CosmosError) -> HTTPResponse?
    ) throws(CosmosError) {
        let isTaken = queryWorkers.submit {
            do throws(CosmosError) {
                if let response = try answer() { exchange.respond(response) }
            } catch {
                exchange.fail(error)
            }
        }
        guard isTaken else { throw CosmosError(.throttled(retryAfterMilliseconds: 500)) }
    }

    /// `POST …/docs` for a query's plan, for clients that merge the rows of several ranges themselves
    func planQuery(_ request: CosmosRequest) throws(CosmosError) -> HTTPResponse {
        let target = try ItemRequest(request, containers)
        let query = try QueryRequest.query(request, over: target.container)
        let features = QueryFeature.features(
            inHeader: request.headers["x-ms-cosmos-supported-query-features"] ?? "")
        let plan: QueryPlan
        do throws(QueryError) {
            plan = try query.plan(under: target.container.definition.partitionKey, features: features)
        } catch {
            throw CosmosError(.badQuery(error))
        }
        var writer = JSONWriter()
        plan.write(to: &writer)
        return CosmosResponse.json(200, writer.bytes, to: request, charge: .minimum)
    }

    /// Runs a query over control-plane resources, which are all in memory: at once where that is a handful of work.
    func answerQuery(
        over resources: [Resource], of kind: LinkKind, parent: String, to request: CosmosRequest,
        _ exchange: CosmosExchange
    ) throws(CosmosError) {
        let query = try QueryRequest.query(request)
        var options = try pageOptions(request)
        options.scope = request.link.path
        let documents = resources.compactMap { try? JSONDocument(parsing: $0.body) }
        @Sendable func answer(_ options: QueryPageOptions) throws(CosmosError) -> HTTPResponse? {
            try Self.answer(query, over: documents, of: kind, parent: parent, to: request, options)
        }
        var brief = options
        brief.isBrief = true
        if let response = try answer(brief) {
            exchange.respond(response)
        } else {
            try answerLater(exchange) { [options] () throws(CosmosError) in try answer(options) }
        }
    }

    /// A page of a query over resources; nil where it was to be brief and is not.
    private static func answer(
        _ query: Query, over documents: [JSONDocument], of kind: LinkKind, parent: String, to request: CosmosRequest,
        _ options: QueryPageOptions
    ) throws(CosmosError) -> HTTPResponse? {
        var source = DocumentList(documents)
        let page: QueryPage
        do throws(QueryError) {
            page = try query.page(over: &source, options: options)
        } catch {
            if options.isBrief, error.code == .limitExceeded { return nil }
            throw CosmosError(.badQuery(error))
        }
        var response = CosmosResponse.feed(
            kind, parent: parent, rows: page.rows, count: page.rowCount, to: request, charge: .controlPlaneRead)
        if let continuation = page.continuation { response.headers.append("x-ms-continuation", continuation) }
        return response
    }

    private func pageOptions(_ request: CosmosRequest) throws(CosmosError) -> QueryPageOptions {
        var options = QueryPageOptions(services: queryServices)
        options.rowCountMax = try request.itemCountMax()
        options.continuation = request.continuation.map { String(decoding: $0, as: UTF8.self) }
        if let kilobytes = request.headers["x-ms-documentdb-responsecontinuationtokenlimitinkb"].flatMap({ Int($0) }),
            (1...16).contains(kilobytes) {
            options.continuationBytesMax = kilobytes * 1024
        }
        return options
    }
}

extension ItemRequest {
    /// The items that a query reads. Where the headers name neither a partition key nor a range, a client that allows
    /// many ranges merges itself what cannot simply be strung together, and one that does not must leave one key only
    /// (wire specification, section 10).
    fileprivate func scope(of query: Query) throws(CosmosError) -> FeedScope {
        let named = try feedScope()
        if case .container = named, request.partitionKeyRangeID == nil {
            let key = query.partitionKeys(under: container.definition.partitionKey)
                .singleKey(pathCount: container.definition.partitionKey.paths.count)
            let found = key.map(FeedScope.partitionKey) ?? named
            // People with curl do not merge, and other clients may ask not to: they get the rows merged here.
            if request.isFromPerson || request.headers["x-orrery-cross-partition"] == "server" { return found }
            guard request.allowsCrossPartition || key != nil else { throw .crossPartitionDisabled }
            guard !request.allowsCrossPartition || !query.needsMerge else { throw .needsClientMerge }
            return found
        }
        return named
    }

    /// A page of the query's rows, with what SDKs ask to know of how they were found.
    /// - Parameter isBrief: whether the answer is nil where the page is more than a handful of work.
    fileprivate func answer(
        _ query: Query, in scope: FeedScope, _ options: QueryPageOptions, isBrief: Bool = false
    ) throws(CosmosError) -> HTTPResponse? {
        let isExplained = request.flag("x-orrery-explain")
        guard let result = try page(of: query, in: scope, options, isBrief, isExplained) else { return nil }
        try checkSession(result.progress)
        let charge = RequestCharge.query(outputByteCount: result.page.metrics.outputDocumentBytes)
        if let explanation = result.explanation {
            return CosmosResponse.json(200, explanation.json.text, to: request, charge: charge)
        }
        // The rows are taken out of the page: what two hold is copied when it grows.
        var rows: [UInt8] = []
        swap(&rows, &result.page.rows)
        var response = CosmosResponse.feed(
            begun: consume rows, count: result.page.rowCount, to: request, charge: charge)
        append(result.progress, to: &response.headers)
        if let continuation = result.page.continuation { response.headers.append("x-ms-continuation", continuation) }
        if request.flag("x-ms-documentdb-populatequerymetrics") {
            response.headers.append("x-ms-documentdb-query-metrics", result.page.metrics.headerText)
        }
        if request.flag("x-ms-cosmos-populateindexmetrics") {
            response.headers.append("x-ms-cosmos-index-utilization", indexUtilization(of: query, in: scope))
        }
        return response
    }

    private func page(
        of query: Query, in scope: FeedScope, _ options: QueryPageOptions, _ isBrief: Bool, _ isExplained: Bool
    ) throws(CosmosError) -> ContainerQueryPage? {
        do throws(DatabaseError) {
            return isBrief
                ? try container.briefPage(of: query, in: scope, options: options, isExplained: isExplained)
                : try container.page(of: query, in: scope, options: options, isExplained: isExplained)
        } catch {
            throw CosmosError(error)
        }
    }
}

extension QueryMetrics {
    /// The metrics as `x-ms-documentdb-query-metrics` lists them. Times that are not taken apart are shown as zero.
    fileprivate var headerText: String {
        let ratio = retrievedDocumentCount == 0
            ? 1 : min(1, Double(outputDocumentCount) / Double(retrievedDocumentCount))
        let fields: [(String, String)] = [
            ("totalExecutionTimeInMs", "\(executionMilliseconds).00"), ("queryCompileTimeInMs", "0.00"),
            ("queryLogicalPlanBuildTimeInMs", "0.00"), ("queryPhysicalPlanBuildTimeInMs", "0.00"),
            ("queryOptimizationTimeInMs", "0.00"), ("VMExecutionTimeInMs", "\(executionMilliseconds).00"),
            ("indexLookupTimeInMs", "0.00"), ("documentLoadTimeInMs", "0.00"),
            ("systemFunctionExecuteTimeInMs", "0.00"), ("userFunctionExecuteTimeInMs", "0.00"),
            ("retrievedDocumentCount", "\(retrievedDocumentCount)"),
            ("retrievedDocumentSize", "\(retrievedDocumentBytes)"),
            ("outputDocumentCount", "\(outputDocumentCount)"), ("outputDocumentSize", "\(outputDocumentBytes)"),
            ("writeOutputTimeInMs", "0.00"), ("indexUtilizationRatio", "\(ratio)"),
        ]
        return fields.map { "\($0.0)=\($0.1)" }.joined(separator: ";")
    }
}
