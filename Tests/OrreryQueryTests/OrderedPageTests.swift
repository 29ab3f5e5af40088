import OrreryDocuments
import Synchronization
import Testing

@testable import OrreryQuery

/// Pages of documents that come in the order of a query, or as rows as they stand.
@Suite struct OrderedPageTests {
    /// Groups of documents with one value of `v` each, or their texts. Each document takes a millisecond.
    private struct Groups: OrderedDocumentSource, DocumentTextSource {
        let documents: [JSONDocument]
        let groupCount: Int
        let givesTexts: Bool
        let clock: Clock
        private var index = 0
        private var groupEnd = 0

        init(_ documents: [JSONDocument], groupCount: Int, givesTexts: Bool, clock: Clock) {
            (self.documents, self.groupCount) = (documents, groupCount)
            (self.givesTexts, self.clock) = (givesTexts, clock)
        }

        mutating func nextGroup() -> Bool {
            guard index < documents.count else { return false }
            groupEnd = min(index + groupCount, documents.count)
            return true
        }

        var groupPlace: OrderPlace? { givesTexts ? .number(Double(index / groupCount)) : nil }

        mutating func appendNextText(to rows: inout [UInt8]) -> UInt64? {
            guard let next = next() else { return nil }
            rows += next.document.text
            return next.resourceNumber
        }

        mutating func appendNextText(to rows: inout [UInt8]) -> DocumentPosition? {
            groupEnd = documents.count
            guard let next = next() else { return nil }
            rows += next.document.text
            return next.position
        }

        mutating func next() -> SourceDocument? {
            guard index < groupEnd else { return nil }
            index += 1
            clock.advance()
            return document(at: DocumentPosition(version: UInt64(index)))
        }

        mutating func document(at position: DocumentPosition) -> SourceDocument? {
            SourceDocument(
                document: documents[Int(position.version) - 1], position: position, resourceNumber: position.version)
        }

        mutating func seek(to position: DocumentPosition) { index = Int(position.version) - 1 }
    }

    private final class Clock: Sendable {
        private let milliseconds = Atomic<Int64>(0)
        func advance() { milliseconds.add(1, ordering: .relaxed) }
        func read() -> Int64 { milliseconds.load(ordering: .relaxed) }
    }

    private static let groupCount = 7

    private func documents() throws -> [JSONDocument] {
        try (0..<210).map { try JSONDocument(parsing: #"{"id": "\#($0)", "v": \#($0 / Self.groupCount)}"#) }
    }

    private func options(_ clock: Clock) -> QueryPageOptions {
        QueryPageOptions(
            services: QueryServices(sign: QueryRun.sign, monotonicMilliseconds: { clock.read() }))
    }

    /// Groups end at other counts of documents than those at which the clock is looked at.
    @Test(arguments: [false, true]) func pagesEndInTimeWhateverTheSizeOfGroups(givesTexts: Bool) throws {
        let clock = Clock()
        var limits = QueryLimits()
        limits.pageMilliseconds = 20
        let query = try Query("SELECT * FROM c ORDER BY c.v", limits: limits).prepared()
        var source = Groups(
            try documents(), groupCount: Self.groupCount, givesTexts: givesTexts, clock: clock)
        let page = try query.page(ordered: &source, options: options(clock))
        #expect(page.continuation != nil)
        #expect((20...(20 + 16 + Self.groupCount)).contains(page.rowCount), "\(page.rowCount) rows")
    }

    /// The commas between rows are of no document, and rows that OFFSET passes over have none.
    @Test func documentsCountWithTheBytesOfTheirTexts() throws {
        let documents = try documents()
        let bytes = documents.reduce(0) { $0 + $1.text.count }
        let clock = Clock()
        for offset in [0, 3] {
            let ordered = try Query("SELECT * FROM c ORDER BY c.v OFFSET \(offset) LIMIT 1000").prepared()
            var source = Groups(documents, groupCount: Self.groupCount, givesTexts: true, clock: clock)
            let inOrder = try ordered.page(ordered: &source, options: options(clock))
            #expect(inOrder.rowCount == 210 - offset)
            #expect(inOrder.metrics.retrievedDocumentBytes == bytes)
            let verbatim = try Query("SELECT * FROM c OFFSET \(offset) LIMIT 1000").prepared()
            source = Groups(documents, groupCount: Self.groupCount, givesTexts: true, clock: clock)
            let asTheyStand = try verbatim.page(verbatim: &source, options: options(clock))
            #expect(asTheyStand.rowCount == 210 - offset)
            #expect(asTheyStand.metrics.retrievedDocumentBytes == bytes)
        }
    }
}
