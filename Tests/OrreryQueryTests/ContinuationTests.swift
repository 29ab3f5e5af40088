import OrreryDocuments
import TestSupport
import Testing

@testable import OrreryQuery

@Suite struct ContinuationTests {
    private static let texts = [
        "SELECT * FROM c", "SELECT VALUE c.v FROM c ORDER BY c.v", "SELECT c.v, COUNT(1) AS n FROM c GROUP BY c.v",
        "SELECT DISTINCT VALUE c.v FROM c",
    ]

    private func documents(_ count: Int) throws -> [JSONDocument] {
        try (0..<count).map { try JSONDocument(parsing: #"{"id": "\#($0)", "v": \#($0 * 7 % count), "l": [1, 2, 3]}"#) }
    }

    private func options(_ rowCountMax: Int?, _ continuation: String? = nil) -> QueryPageOptions {
        var options = QueryPageOptions(sign: QueryRun.sign)
        options.rowCountMax = rowCountMax
        options.continuation = continuation
        return options
    }

    private func page(
        _ text: String, _ documents: [JSONDocument], _ options: QueryPageOptions,
        parameters: QueryParameters = QueryParameters(), limits: QueryLimits = QueryLimits()
    ) throws -> QueryPage {
        var source = DocumentList(documents)
        return try Query(text, parameters: parameters, limits: limits).page(over: &source, options: options)
    }

    @Test(arguments: texts) func alteredTokensAreRefused(text: String) throws {
        let documents = try documents(10)
        let token = try #require(try page(text, documents, options(3)).continuation)
        #expect(token.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        let letters = Array("ABab01-_=.".utf8)
        for place in 0..<token.utf8.count {
            let original = Array(token.utf8)
            for letter in letters where letter != original[place] {
                var altered = original
                altered[place] = letter
                let changed = String(decoding: altered, as: UTF8.self)
                let error = #expect(throws: QueryError.self) { try page(text, documents, options(3, changed)) }
                #expect(error?.code == .badContinuation)
            }
        }
        for other in ["", "x", "{}", "eyJ2IjoxfQ==", String(token.dropLast()), token + "A"] {
            #expect(throws: QueryError.self) { try page(text, documents, options(3, other)) }
        }
    }

    @Test(arguments: texts) func tokensBelongToTheirQuery(text: String) throws {
        let documents = try documents(10)
        let token = try #require(try page(text, documents, options(3)).continuation)
        #expect(try page(text, documents, options(3, token)).rowCount == 3)
        var parameters = QueryParameters()
        parameters.set("@p", 1)
        let elsewhere = { (options: QueryPageOptions) in
            var options = options
            options.scope = [1]
            return options
        }
        var otherKey = options(3, token)
        otherKey.services = QueryServices(sign: { bytes in QueryRun.sign([7] + bytes) })
        #expect(throws: QueryError.self) { try page(text + " ", documents, options(3, token)) }
        #expect(throws: QueryError.self) { try page(text, documents, options(3, token), parameters: parameters) }
        #expect(throws: QueryError.self) { try page(text, documents, elsewhere(options(3, token))) }
        #expect(throws: QueryError.self) { try page(text, documents, otherKey) }
    }

    /// The text `true || sign` and parameters that add up to the same bytes do not make the same binding.
    @Test func bindingsAreNotAmbiguous() throws {
        let documents = try documents(4)
        var first = QueryParameters()
        first.set("@a", "b")
        let token = try #require(try page("SELECT * FROM c", documents, options(1), parameters: first).continuation)
        var second = QueryParameters()
        second.set("@ab", "")
        #expect(throws: QueryError.self) {
            try page("SELECT * FROM c", documents, options(1, token), parameters: second)
        }
    }

    /// Rows whose keys do not fit the token are counted instead, and still each comes once.
    @Test(arguments: [
        "SELECT VALUE c.id FROM c ORDER BY c.s", "SELECT VALUE c.id FROM c ORDER BY c.s DESC",
        "SELECT DISTINCT VALUE c.s FROM c", "SELECT VALUE c.s FROM c GROUP BY c.s",
        "SELECT VALUE c.id FROM c ORDER BY c.s OFFSET 3 LIMIT 9",
    ])
    func tokensKeepTheirSize(text: String) throws {
        let long = String(repeating: "x", count: 3_000)
        let documents = try (0..<20).map { index in
            try JSONDocument(parsing: #"{"id": "\#(index)", "s": "\#(long)\#(index % 3)\#(long)\#(index)"}"#)
        }
        let whole = try QueryRun.rows(text, over: documents)
        for bytesMax in [256, 1024, 16_384] {
            var rows: [JSONValue] = []
            var options = options(2)
            options.continuationBytesMax = bytesMax
            repeat {
                let page = try page(text, documents, options)
                rows += try QueryRun.rows(of: page)
                options.continuation = page.continuation
                if let token = page.continuation { #expect(token.utf8.count <= bytesMax) }
            } while options.continuation != nil
            let isSame =
                text.contains("ORDER")
                ? JSONValue.array(rows) == .array(whole) : JSONValue.areSameBags(rows, whole)
            #expect(isSame, "\(bytesMax): \(rows.count) rows")
        }
    }

    /// Between pages items are deleted, added and replaced; every item that was not touched comes exactly once.
    @Test(
        arguments: [UInt64(7), UInt64.random(in: 10...UInt64.max)],
        [
            "SELECT VALUE c.id FROM c", "SELECT VALUE c.id FROM c ORDER BY c.v",
            "SELECT VALUE c.id FROM c ORDER BY c.v DESC",
            "SELECT DISTINCT VALUE c.id FROM c", "SELECT VALUE c.id FROM c GROUP BY c.id",
        ])
    func untouchedItemsComeOnce(seed: UInt64, text: String) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<10 {
            var version: UInt64 = 0
            var items: [(id: Int, document: SourceDocument)] = []
            var touched: Set<Int> = []
            func write(_ id: Int) throws {
                version += 1
                items.removeAll { $0.id == id }
                let value = Int.random(in: 0...5, using: &random)
                let document = try JSONDocument(parsing: #"{"id": "\#(id)", "v": \#(value)}"#)
                let position = DocumentPosition(version: version)
                items.append((id, SourceDocument(document: document, position: position, resourceNumber: UInt64(id))))
            }
            for id in 0..<20 { try write(id) }
            let query = try Query(text)
            var seen: [String: Int] = [:]
            var options = options(3)
            repeat {
                var source = DocumentList(items.map(\.document))
                let page = try query.page(over: &source, options: options)
                for row in try QueryRun.rows(of: page) { seen[row.string ?? "", default: 0] += 1 }
                options.continuation = page.continuation
                for _ in 0..<2 {
                    let id = Int.random(in: 0..<24, using: &random)
                    touched.insert(id)
                    if Bool.random(using: &random) { try write(id) } else { items.removeAll { $0.id == id } }
                }
            } while options.continuation != nil
            for id in 0..<20 where !touched.contains(id) {
                #expect(seen["\(id)"] == 1, "seed \(seed): item \(id) came \(seen["\(id)"] ?? 0) times")
            }
        }
    }

    @Test func streamingPagesEndInTime() throws {
        let documents = try documents(10)
        let clock = SteppingClock()
        var options = options(nil)
        options.services = QueryServices(sign: QueryRun.sign, monotonicMilliseconds: { clock.next() })
        var limits = QueryLimits()
        limits.pageMilliseconds = 3
        var counts: [Int] = []
        repeat {
            let page = try page("SELECT * FROM c WHERE c.v > 100", documents, options, limits: limits)
            counts.append(page.metrics.retrievedDocumentCount)
            options.continuation = page.continuation
        } while options.continuation != nil
        #expect(counts.count > 2, "\(counts)")
        // What a page looked at and did not return begins the next one.
        #expect(counts.reduce(0, +) == 10 + counts.count - 1)
    }

    @Test func blockingQueriesEndInTime() throws {
        let clock = SteppingClock()
        var options = options(nil)
        options.services = QueryServices(sign: QueryRun.sign, monotonicMilliseconds: { clock.next() })
        var limits = QueryLimits()
        limits.blockingMilliseconds = 5
        for text in Self.texts.dropFirst() {
            let error = try #require(throws: QueryError.self) {
                try page(text, documents(200), options, limits: limits)
            }
            #expect(error.code == .limitExceeded)
        }
    }

    @Test(arguments: texts) func pagesKeepTheirBytes(text: String) throws {
        let documents = try documents(50)
        var limits = QueryLimits()
        limits.pageBytesMax = 60
        var options = options(nil)
        var rows: [JSONValue] = []
        repeat {
            let page = try page(text, documents, options, limits: limits)
            #expect(page.rows.count <= 60 || page.rowCount == 1)
            #expect(page.rowCount > 0)
            rows += try QueryRun.rows(of: page)
            options.continuation = page.continuation
        } while options.continuation != nil
        #expect(JSONValue.areSameBags(rows, try QueryRun.rows(text, over: documents)))
    }

    @Test func aggregatesComeWhole() throws {
        let documents = try documents(50)
        for text in ["SELECT VALUE COUNT(1) FROM c", "SELECT VALUE SUM(c.v) FROM c", "SELECT MAX(c.v) AS m FROM c"] {
            var limits = QueryLimits()
            limits.pageBytesMax = 1
            limits.pageMilliseconds = 0
            let page = try page(text, documents, options(1), limits: limits)
            #expect(page.rowCount == 1)
            #expect(page.continuation == nil)
        }
    }

    /// A page may end between two rows of one item.
    @Test func joinsGoOnInsideAnItem() throws {
        let documents = try documents(3)
        let text = "SELECT c.id, x FROM c JOIN x IN c.l"
        #expect(try QueryRun.rows(text, over: documents, rowCountMax: 2).count == 9)
        #expect(
            JSONValue.array(try QueryRun.rows(text, over: documents, rowCountMax: 2))
                == .array(try QueryRun.rows(text, over: documents)))
    }

    @Test func metricsCountDocumentsAndRows() throws {
        let page = try page("SELECT c.id FROM c WHERE c.v < 3", documents(10), options(nil))
        #expect(page.metrics.retrievedDocumentCount == 10)
        #expect(page.metrics.retrievedDocumentBytes > 300)
        #expect(page.metrics.outputDocumentCount == 3)
        #expect(page.metrics.outputDocumentBytes == page.rows.count)
        // TOP stops the scan.
        let top = try self.page("SELECT TOP 2 c.id FROM c", documents(10), options(nil))
        #expect(top.metrics.retrievedDocumentCount == 2)
        #expect(top.continuation == nil)
    }
}
