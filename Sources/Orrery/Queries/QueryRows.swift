internal import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryQuery

/// The rows of a query, read page by page as they are asked for.
///
/// ```swift
/// for try await order in orders.query("SELECT * FROM c WHERE c.status = 'open'", as: Order.self) {
///     print(order.total)
/// }
/// ```
public struct QueryRows<Row: Decodable & Sendable>: AsyncSequence, Sendable {
    public typealias Element = Row
    public typealias Failure = StoreError

    let container: Container
    let text: QueryText
    let key: PartitionKey?

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator { Iterator(rows: self) }

    /// All rows.
    ///
    /// ```swift
    /// let open = try await orders.query("SELECT * FROM c", as: Order.self).all()
    /// ```
    public func all() async throws(StoreError) -> [Row] {
        var rows: [Row] = []
        var iterator = makeAsyncIterator()
        while let row = try await iterator.next() { rows.append(row) }
        return rows
    }

    /// The first row; nil where there is none.
    ///
    /// ```swift
    /// let count = try await orders.query("SELECT VALUE COUNT(1) FROM c", as: Int.self).first()
    /// ```
    public func first() async throws(StoreError) -> Row? {
        var iterator = makeAsyncIterator()
        return try await iterator.next()
    }

    /// Reads rows in order.
    public struct Iterator: AsyncIteratorProtocol {
        public typealias Element = Row
        public typealias Failure = StoreError

        private let rows: QueryRows
        private var query: Query?
        private var page: [Row] = []
        private var position = 0
        private var continuation: String?
        private var isAtEnd = false

        init(rows: QueryRows) {
            self.rows = rows
        }

        /// The next row; nil at the end.
        public mutating func next() async throws(StoreError) -> Row? {
            while position == page.count {
                if isAtEnd { return nil }
                try await readPage()
            }
            defer { position += 1 }
            return page[position]
        }

        private mutating func readPage() async throws(StoreError) {
            let container = try StoreError.translating { () throws(DatabaseError) in try rows.container.opened() }
            let query: Query
            if let parsed = self.query { query = parsed } else { query = try parse(container) }
            self.query = query
            let scope = rows.key.map { FeedScope.partitionKey($0.key) } ?? .container
            // A continuation never leaves the process, so it needs no secret.
            var options = QueryPageOptions(sign: { _ in [UInt8](repeating: 0, count: 16) })
            options.continuation = continuation
            options.scope = container.queryBinding
            let result = try await rows.container.store.run { [options] () throws(DatabaseError) in
                try container.page(of: query, in: scope, options: options).page
            }
            page = try decode(result.rows)
            position = 0
            continuation = result.continuation
            isAtEnd = continuation == nil
        }

        private func parse(_ container: OrreryDatabase.Container) throws(StoreError) -> Query {
            let parameters = try rows.text.parameters()
            do throws(QueryError) {
                return try container.query(Array(rows.text.text.utf8), parameters: parameters)
            } catch {
                throw .badQuery("\(error)")
            }
        }

        private func decode(_ text: [UInt8]) throws(StoreError) -> [Row] {
            try ItemDecoder.decode([Row].self, from: [UInt8(ascii: "[")] + text + [UInt8(ascii: "]")])
        }
    }
}

extension Container {
    /// Runs a query over the items of a partition key, or of the whole container.
    ///
    /// ```swift
    /// let rows = orders.query("SELECT * FROM c WHERE c.total > \(100) ORDER BY c.total", in: "ada", as: Order.self)
    /// ```
    /// - Parameters:
    ///   - text: the query; what is interpolated into it becomes a parameter.
    ///   - key: the partition key to look in; nil for all.
    ///   - type: what a row is decoded as.
    /// - Returns: the rows; errors come while they are read.
    public func query<Row: Decodable & Sendable>(
        _ text: QueryText, in key: PartitionKey? = nil, as type: Row.Type = Row.self
    ) -> QueryRows<Row> {
        QueryRows(container: self, text: text, key: key)
    }
}

extension Store {
    /// Runs what may take long on a thread for such work.
    func run<Result: Sendable>(
        _ body: @escaping @Sendable () throws(DatabaseError) -> Result
    ) async throws(StoreError) -> Result {
        let outcome: Swift.Result<Result, DatabaseError> = await withCheckedContinuation { continuation in
            let isTaken = queryWorkers.submit {
                do throws(DatabaseError) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if !isTaken { continuation.resume(returning: .failure(.throttled(retryAfterMilliseconds: 500))) }
        }
        switch outcome {
        case .success(let result): return result
        case .failure(let error): throw StoreError(error)
        }
    }
}
