import Synchronization
import Testing

@testable import OrreryPatterns

@Suite struct RegularExpressionTests {
    private func matches(_ pattern: String, _ text: String) throws(RegularExpressionError) -> Bool {
        var budget = MatchBudget(processorMilliseconds: 10_000)
        return try RegularExpression(pattern, .ecmaScript).matches(Array(text.utf8), within: &budget)
    }

    /// What ECMA-262 means by a pattern, where PCRE2 by itself would mean something else: a pattern, a text with a
    /// match and one without.
    @Test(arguments: [
        ("^[a-z]+$", "abc", "abc\n"), (#"\u00e9$"#, "caf\u{E9}", "cafe"), (#"\u{1F600}"#, "\u{1F600}", "\u{1F601}"),
        (#"^\x41$"#, "A", "x41"), ("^[^]$", "\n", ""), ("a[]|b", "b", "a"), (#"^(?:(a)|b)\1$"#, "aa", "ba "),
        ("^.$", "a", "\r"), ("b|^c", "ab", "ac"), (#"^\d$"#, "1", "\u{661}"), (#"^\p{L}$"#, "\u{E9}", "1"),
        ("", "", ""),
    ])
    func ecmaScript(_ pattern: String, _ good: String, _ bad: String) throws {
        #expect(try matches(pattern, good))
        #expect(try matches(pattern, bad) == pattern.isEmpty)
    }

    @Test func aGroupThatTookNoPartIsEmpty() throws {
        #expect(try matches(#"^(?:(a)|b)\1$"#, "b"))
        var budget = MatchBudget(processorMilliseconds: 10_000)
        let expression = try RegularExpression(#"^(?:(a)|b)\1$"#, .pcre2)
        #expect(try expression.firstMatch(in: Array("b".utf8), within: &budget) == nil)
    }

    @Test(arguments: [
        ("a(b", 3, "missing closing parenthesis"), ("a)b(c", 1, "unmatched closing parenthesis"),
        ("[z-a]", 3, "range out of order in character class"), ("(*UCP)a", 2, ""), (#"\C"#, 2, ""),
        ("a**b++c**", 9, ""),
    ])
    func patternsThatCannotBeRead(_ pattern: String, _ byteOffset: Int, _ reason: String) {
        let error = #expect(throws: RegularExpressionError.self) { _ = try RegularExpression(pattern, .ecmaScript) }
        guard case .malformed(let offset, let message) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.contains(reason) && !message.isEmpty)
        #expect(reason.isEmpty || offset == byteOffset, "\(offset): \(message)")
    }

    @Test func patternsAndModifiersHaveLimits() {
        let long = String(repeating: "a", count: RegularExpression.patternBytesMax + 1)
        for (pattern, modifiers) in [(long, ""), ("a", "g")] {
            #expect(throws: RegularExpressionError.self) {
                _ = try RegularExpression(pattern, .pcre2, modifiers: modifiers)
            }
        }
    }

    /// Those that try too many ways from one place, those that try many from every place, one that looks at the rest of
    /// the text from every place, and one that looks at it again in every step. None of them would be done within ages.
    @Test(arguments: [
        ("^(a+)+$", 64), ("^(a|a)*$", 64), ("(?:a+)+[bc]", 64), ("(?:a?){20}[bc]", 1 << 20), ("a+[bc]", 1 << 20),
        ("^(?:(?=a*+)a)*[bc]", 1 << 20),
    ])
    func hostileTextsAreGivenUp(_ pattern: String, _ count: Int) throws {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: count) + Array("!".utf8)
        for (prefix, syntax) in [("", RegularExpression.Syntax.ecmaScript), ("", .pcre2), ("(*NO_START_OPT)", .pcre2)] {
            let expression = try RegularExpression(prefix + pattern, syntax)
            let clock = CountingClock()
            var budget = MatchBudget(milliseconds: 1) { clock.next() >= 3 }
            #expect(throws: RegularExpressionError.limitExceeded) { try expression.matches(text, within: &budget) }
            #expect(throws: RegularExpressionError.limitExceeded) {
                try expression.firstMatch(in: text, within: &budget)
            }
            // The second finds the time over at its first look.
            #expect(clock.next() == 5)
        }
    }

    /// However far a step goes, the clock is looked at behind it.
    @Test func longStepsCountMore() {
        let clock = CountingClock()
        var budget = Self.impatient(clock)
        let steps = MatchBudget.workMax / MatchBudget.stepWorkMin
        #expect((1...steps).map { _ in budget.isSpent(at: 0) } == (1...steps).map { $0 == steps })
        #expect((1...100).allSatisfy { budget.isSpent(at: $0 % 2 == 0 ? 0 : 1 << 20) })
        #expect(clock.next() == 101)
    }

    /// A budget that says it is over whenever it looks, and is never kept from looking.
    private static func impatient(_ clock: CountingClock, milliseconds: Int = 1) -> MatchBudget {
        let time = CountingClock()
        return MatchBudget(
            milliseconds: milliseconds, isOver: { clock.next() >= 0 }, nanoseconds: { time.next() * 1_000_000 })
    }

    /// A step counts for what it may compare, by the time that there is: where it may take all of it, each is looked
    /// behind.
    @Test(arguments: [(1, 1 << 10, 1 << 10, 1), (8, 1 << 10, 1 << 10, 8), (1, 1 << 20, 1 << 16, 1), (1, 10, 10, 64)])
    func dearStepsCountMore(milliseconds: Int, textBytes: Int, patternBytes: Int, steps: Int) {
        var budget = Self.impatient(CountingClock(), milliseconds: milliseconds)
        budget.begin(textBytes: textBytes, patternBytes: patternBytes)
        #expect((1...steps).map { _ in budget.isSpent(at: 0) } == (1...steps).map { $0 == steps })
    }

    /// A class that each character of the text is compared with all of, in steps that fail where they began.
    @Test func stepsThatFailFarAwayAreLookedBehind() throws {
        let characters = (0..<1000).compactMap { Unicode.Scalar(0x4E00 + 2 * $0) }.map { String(Character($0)) }
        let text = String(repeating: characters[999], count: 100)
        let expression = try RegularExpression("(*NO_START_OPT)[\(characters.joined())]{100}!", .pcre2)
        let (clock, time) = (CountingClock(), CountingClock())
        var budget = MatchBudget(
            milliseconds: 1, isOver: { clock.next() < 0 }, nanoseconds: { time.next() * 1_000_000 })
        #expect(try !expression.matches(Array(text.utf8), within: &budget))
        // One step or two from each of the hundred places.
        #expect(clock.next() >= 50)
    }

    /// Who has looked does not look again before time has gone by.
    @Test func looksTakeTurnsWithTime() {
        let (clock, time) = (CountingClock(), CountingClock())
        var budget = MatchBudget(milliseconds: 64, isOver: { clock.next() < 0 }, nanoseconds: { time.next() * 1000 })
        // Each finds a microsecond gone by, and every thousandth a millisecond.
        let answers = (0..<5000).map { budget.isSpent(at: $0 % 2 == 0 ? 0 : 1 << 20) }
        #expect(!answers.contains(true))
        #expect(clock.next() == 5)
    }

    @Test func aBudgetIsForAllMatchesTogether() throws {
        let expression = try RegularExpression("b", .ecmaScript)
        var spent = MatchBudget(processorMilliseconds: 0)
        let text = Array(repeating: UInt8(ascii: "b"), count: 10)
        #expect(throws: RegularExpressionError.limitExceeded) {
            for _ in 0..<MatchBudget.workMax { _ = try expression.matches(text, within: &spent) }
        }
        // Whoever has time is not given up.
        var budget = MatchBudget(processorMilliseconds: 10_000)
        for _ in 0..<100 { #expect(try expression.matches(text, within: &budget)) }
    }
}

/// Tells how often it was asked before.
private final class CountingClock: Sendable {
    private let count = Atomic(0)

    func next() -> Int { count.add(1, ordering: .relaxed).oldValue }
}
