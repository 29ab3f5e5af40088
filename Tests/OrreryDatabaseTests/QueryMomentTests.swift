import OrreryDatabase
import OrreryEngine
import OrreryQuery
import Synchronization
import Testing

/// A query sees items end as of one moment, that of its first page, however long its client takes over the pages.
@Suite struct QueryMomentTests {
    private final class Clock: Sendable {
        private let milliseconds = Mutex<Int64>(1_795_218_000_000)
        var now: Int64 { milliseconds.withLock { $0 } }
        func pass(seconds: Int64) { milliseconds.withLock { $0 += seconds * 1000 } }
    }

    private let clock = Clock()

    /// Thirty items; each second one ends ten seconds after it was written.
    private func filled(rangeCount: Int) throws -> QueriedContainer {
        var configuration = EngineConfiguration()
        configuration.clock = { [clock] in clock.now }
        let container = try QueriedContainer(
            rangeCount: rangeCount, settings: #","defaultTtl":-1"#, configuration: configuration)
        try container.upsert((10..<40).map { number in
            let life = number % 2 == 1 ? #","ttl":10"# : ""
            return #"{"id":"\#(number)","pk":"\#(number % 7)","n":\#(number)\#(life)}"#
        })
        return container
    }

    private func numbers(_ rows: [String]) -> [Int] { rows.compactMap { Int($0) }.sorted() }

    @Test(
        arguments: [
            "SELECT VALUE c.n FROM c", "SELECT VALUE c.n FROM c WHERE c.n >= 0", "SELECT DISTINCT VALUE c.n FROM c",
            "SELECT VALUE c.n FROM c ORDER BY c.n", "SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 0 LIMIT 100",
            "SELECT VALUE MIN(c.n) FROM c GROUP BY c.id",
        ], [1, 3])
    func pagesOfAQueryAgree(_ text: String, _ rangeCount: Int) throws {
        let container = try filled(rangeCount: rangeCount)
        var rows: [String] = []
        var continuation: String?
        repeat {
            let page = try container.page(text, rowCountMax: 4, continuation: continuation)
            rows += try page.texts
            continuation = page.continuation
            clock.pass(seconds: 11)
        } while continuation != nil
        #expect(numbers(rows) == Array(10..<40), "\(text)")
        // Who asks anew sees what is left.
        let later = try container.rows(text, rowCountMax: 4).rows
        #expect(numbers(later) == Array(stride(from: 10, to: 40, by: 2)), "\(text)")
    }

    @Test func aMomentIsNeitherForgedNorKeptForEver() throws {
        let container = try filled(rangeCount: 1)
        func page(_ continuation: String?) throws -> QueryPage {
            var options = QueryPageOptions { bytes in
                let sum = bytes.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
                return (0..<16).map { UInt8(truncatingIfNeeded: sum >> UInt64($0 % 8 * 8)) }
            }
            options.rowCountMax = 4
            options.continuation = continuation
            return try container.container.page(
                of: Query("SELECT VALUE c.n FROM c"), in: .container, options: options).page
        }
        let continuation = try #require(try page(nil).continuation)
        let parts = continuation.split(separator: "@", maxSplits: 1).map(String.init)
        #expect(parts.first == "\(clock.now)")
        let rest = try #require(parts.last)
        for forged in ["\(clock.now + 1)@\(rest)", "\(clock.now - 1)@\(rest)", "x@\(rest)", "@\(rest)", rest] {
            #expect(throws: DatabaseError.self, "\(forged)") { try page(forged) }
        }
        clock.pass(seconds: 7200)
        let seen = try page(continuation).texts
        #expect(numbers(seen).allSatisfy { $0 % 2 == 0 })
    }

    @Test func aContainerWithoutATimeToLiveNeedsNoMoment() throws {
        let container = try QueriedContainer()
        try container.upsert((0..<9).map { #"{"id":"\#($0)","pk":"a"}"# })
        let continuation = try container.page("SELECT * FROM c", rowCountMax: 4).continuation
        #expect(continuation?.contains("@") == false)
    }
}
