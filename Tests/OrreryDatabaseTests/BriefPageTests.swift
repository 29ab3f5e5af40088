import OrreryDatabase
import OrreryDocuments
import OrreryQuery
import Testing

/// Pages that are answered on the thread that read the request: only those that are a handful of work.
@Suite struct BriefPageTests {
    private let container: QueriedContainer

    init() throws {
        container = try QueriedContainer()
        for first in stride(from: 0, to: 1000, by: 100) {
            try container.upsert(
                (first..<(first + 100)).map { #"{"id":"\#($0)","pk":"p\#($0 / 500)","few":\#($0 / 8),"many":1}"# })
        }
        // The first look-up puts the delta's postings in order, which is more than a handful of work.
        #expect(try !isBrief("SELECT * FROM c WHERE c.few = 7"))
        _ = try container.page("SELECT * FROM c WHERE c.few = 7")
    }

    private func isBrief(_ text: String, rowCountMax: Int? = nil) throws -> Bool {
        var options = QueryPageOptions(
            services: QueryServices(sign: { _ in [UInt8](repeating: 1, count: 16) }, monotonicMilliseconds: { 0 }))
        options.rowCountMax = rowCountMax
        let query = try Query(text)
        guard let brief = try container.container.briefPage(of: query, in: .container, options: options) else {
            return false
        }
        #expect(try brief.page.texts == container.page(text, rowCountMax: rowCountMax).texts)
        return true
    }

    @Test(arguments: [
        "SELECT * FROM c WHERE c.few = 7", "SELECT c.id FROM c WHERE c.few IN (7, 8)",
        "SELECT TOP 10 * FROM c WHERE c.few >= 5 ORDER BY c.few", "SELECT VALUE COUNT(1) FROM c WHERE c.many = 1",
        "SELECT TOP 3 * FROM c", "SELECT TOP 5 c.id FROM c ORDER BY c.few DESC", "SELECT VALUE 1",
    ])
    func fewItemsAreRead(_ text: String) throws {
        #expect(try isBrief(text))
    }

    @Test(arguments: [
        "SELECT * FROM c", "SELECT * FROM c WHERE c.many = 1", "SELECT c.few FROM c WHERE c.many + 1 = 2",
        "SELECT TOP 1 * FROM c ORDER BY c.many",
        "SELECT c.few, COUNT(1) AS n FROM c GROUP BY c.few", "SELECT VALUE SUM(c.few) FROM c",
        "SELECT TOP 1 * FROM c WHERE c.many = 2 OR c.few + 1 = 0 ORDER BY c.few",
        "SELECT VALUE COUNT(1) FROM c JOIN a IN (SELECT VALUE 1) WHERE c.many = 1",
    ])
    func manyAreNot(_ text: String) throws {
        #expect(try !isBrief(text))
    }

    @Test func pagesOfFewRowsAreBrief() throws {
        #expect(try isBrief("SELECT * FROM c", rowCountMax: 20))
        #expect(try !isBrief("SELECT c.id FROM c WHERE c.many + 1 = 3", rowCountMax: 20))
        // Larger pages are where it is known that few rows are in them.
        #expect(try isBrief("SELECT * FROM c WHERE c.few < 10 ORDER BY c.few", rowCountMax: 1000))
        #expect(try isBrief("SELECT c.id FROM c WHERE c.few < 10 AND c.many = 1 ORDER BY c.few", rowCountMax: 1000))
        #expect(try !isBrief("SELECT * FROM c ORDER BY c.few DESC", rowCountMax: 1000))
    }
}
