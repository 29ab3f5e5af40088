import OrreryDocuments
import Testing

@testable import OrreryQuery

/// What regular expressions may cost in queries.
@Suite struct RegularExpressionLimitTests {
    /// A million steps at each place of a text: no limit of the library's own comes near.
    private static let hostile = "(?:a?){20}[bc]"

    private func page(
        _ query: Query, of text: String = "", _ clock: SteppingClock? = nil, isBrief: Bool = false
    ) throws -> QueryPage {
        var options = QueryPageOptions(sign: QueryRun.sign)
        options.isBrief = isBrief
        if let clock {
            options.services = QueryServices(sign: QueryRun.sign, monotonicMilliseconds: { clock.next() })
        }
        var source = DocumentList([try JSONDocument(parsing: "{\"s\": \"\(text)\"}")])
        return try query.page(over: &source, options: options)
    }

    /// A match that began ends with its page's time, also one of constants.
    @Test(arguments: ["RegexMatch", "RegexExtract", "RegexExtractAll"], ["c.s", "REPLICATE('a', 1000)"])
    func aMatchEndsWithThePage(function: String, subject: String) throws {
        let query = try Query("SELECT VALUE \(function)(\(subject), '\(Self.hostile)') FROM c")
        let clock = SteppingClock()
        let text = String(repeating: "a", count: 1000)
        let error = try #require(throws: QueryError.self) { try page(query, of: text, clock, isBrief: true) }
        #expect(error.code == .limitExceeded)
        #expect(clock.next() < 10)
    }

    /// Constants take a brief page's time together, however many there are.
    @Test func foldingIsGivenUp() throws {
        let call = "RegexMatch(REPLICATE('a', 1000), '\(Self.hostile)')"
        let query = try Query("SELECT VALUE [\([String](repeating: call, count: 100).joined(separator: ","))]")
        let clock = SteppingClock()
        let folding = ConstantFolding(limits: QueryLimits(), startClock: { { clock.next() } })
        #expect(folding.fold(query.bound).description.components(of: "RegexMatch") == 100)
        #expect(clock.next() < 10)
    }

    /// To begin the time of a thread is a call of the system, which is for those that have something to fold.
    @Test(arguments: [("c.a > 1 AND c.b", 0), ("c.a > 1 + 1", 1), ("c.a > 1 + 1 + 1 AND c.b > 2 * 2", 1)])
    func foldingBeginsItsTimeWithAValue(condition: String, count: Int64) throws {
        let starts = SteppingClock()
        let folding = ConstantFolding(
            limits: QueryLimits(),
            startClock: {
                _ = starts.next()
                return { 0 }
            })
        _ = folding.fold(try Query("SELECT * FROM c WHERE \(condition)").bound)
        #expect(starts.next() == count + 1)
    }

    @Test func foldingKeepsFewBytes() throws {
        let call = "REPLICATE('a', 10000)"
        let query = try Query("SELECT VALUE [\([String](repeating: call, count: 300).joined(separator: ","))]")
        let folding = ConstantFolding(limits: QueryLimits())
        #expect(folding.fold(query.bound).description.utf8.count < 1_100_000)
        #expect(try page(query).rows.count > 3_000_000)
    }

    /// A long text and a long pattern are looked at where nobody waits: one step may compare all with all.
    @Test func longPatternsAreNotBrief() throws {
        let pattern = "^[\((0..<1000).map { String(Character(Unicode.Scalar(0x4E00 + 2 * $0) ?? "x")) }.joined())]+x"
        let query = try Query("SELECT VALUE RegexMatch(c.s, '\(pattern)') FROM c")
        let text = String(repeating: "a", count: 10_000)
        let error = try #require(throws: QueryError.self) { try page(query, of: text, isBrief: true) }
        #expect(error.code == .limitExceeded)
        #expect(String(decoding: try page(query, of: text).rows, as: UTF8.self) == "false")
        #expect(String(decoding: try page(query, of: "a", isBrief: true).rows, as: UTF8.self) == "false")
    }

    /// Groups that are named again and again, or that all matches have, come to as much as a value may hold.
    @Test(arguments: [
        "RegexExtractAll(c.s, 'a*', '', [\([String](repeating: "0", count: 2000).joined(separator: ","))])",
        "RegexExtractAll(c.s, '(?=(a*))', '', [1])", "RegexExtractAll(c.s, '')",
        "RegexExtractAll(c.s, '', '', [])", "RegexExtractAll(c.s, '', '', [7])",
    ])
    func allMatchesHaveALimit(call: String) throws {
        var limits = QueryLimits()
        limits.valueBytesMax = 100_000
        let query = try Query("SELECT VALUE \(call) FROM c", limits: limits)
        let text = String(repeating: "a", count: 10_000)
        let error = try #require(throws: QueryError.self) { try page(query, of: text) }
        #expect(error.code == .limitExceeded)
        #expect(error.message.contains("100000 bytes"))
    }

    /// Matches that are little work by themselves count by how many they are, and by what groups they have.
    @Test(arguments: ["", String(repeating: "()", count: 1000)])
    func manyMatchesTakeTime(groups: String) throws {
        let query = try Query("SELECT VALUE RegexExtractAll(c.s, '\(groups)a') FROM c")
        let clock = SteppingClock()
        let text = String(repeating: "a", count: 10_000)
        let error = try #require(throws: QueryError.self) { try page(query, of: text, clock, isBrief: true) }
        #expect(error.code == .limitExceeded)
        #expect(clock.next() < 10)
    }

    /// A patch's condition is asked on a committer: what takes longer than 20 ms is refused, not what is large.
    @Test func conditionsEndSoon() throws {
        let text = String(repeating: "a", count: 2_000_000)
        let document = try JSONDocument(parsing: "{\"s\": \"\(text)\"}")
        let large = try DocumentCondition(Array("from c where endswith(c.s, 'aa')".utf8), limits: .condition)
        #expect(try large.matches(document, elapsedMilliseconds: { 0 }))
        for condition in ["RegexMatch(c.s, '\(Self.hostile)')", "RegexMatch(REPLICATE('a', 1000), '\(Self.hostile)')"] {
            let query = try DocumentCondition(Array("from c where \(condition)".utf8), limits: .condition)
            let error = try #require(throws: QueryError.self) { try query.matches(document) }
            #expect(error.code == .limitExceeded)
        }
    }

    /// A filter's condition is asked where nobody waits for an answer: what is too long for a patch is not for it.
    @Test(arguments: [(1, true, true), (20, false, true), (1_000, false, false)] as [(Int64, Bool, Bool)])
    func filtersHaveTime(stepMilliseconds: Int64, isForPatches: Bool, isForFilters: Bool) throws {
        let document = try JSONDocument(parsing: #"{"s": "b"}"#)
        for (limits, isInTime) in [(QueryLimits.condition, isForPatches), (.filter, isForFilters)] {
            let condition = try DocumentCondition(Array("from c where RegexMatch(c.s, 'b')".utf8), limits: limits)
            let clock = SteppingClock(stepMilliseconds: stepMilliseconds)
            let holds = try? condition.matches(document, elapsedMilliseconds: { clock.next() })
            #expect(holds == (isInTime ? true : nil))
        }
    }

    /// Before a pattern is compiled there is a look at the clock: where it is known already there is none.
    @Test func conditionsCompileTheirPatternsOnce() throws {
        let condition = try DocumentCondition(Array("from c where RegexMatch(c.s, 'b')".utf8), limits: .filter)
        let document = try JSONDocument(parsing: #"{"s": "b"}"#)
        var looks: [Int64] = []
        for _ in 0..<3 {
            let clock = SteppingClock()
            #expect(try condition.matches(document, elapsedMilliseconds: { clock.next() }))
            looks.append(clock.next())
        }
        #expect(looks == [looks[0], looks[0] - 1, looks[0] - 1])
    }

    @Test func groupsThatThePatternLacksAreLeftOut() throws {
        let query = try Query("SELECT VALUE RegexExtractAll('ab', '(.)', '', [1, 7, -1, 'x', 0, 1])")
        #expect(String(decoding: try page(query).rows, as: UTF8.self) == #"[["a","a","a"],["b","b","b"]]"#)
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
