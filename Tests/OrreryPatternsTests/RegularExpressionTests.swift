import Testing

@testable import OrreryPatterns

@Suite struct RegularExpressionTests {
    private func matches(_ pattern: String, _ text: String) throws(RegularExpressionError) -> Bool {
        var budget = ProcessorBudget(milliseconds: 10_000)
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
        #expect(try RegularExpression(#"^(?:(a)|b)\1$"#, .pcre2).firstMatch(in: Array("b".utf8)) == nil)
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

    /// Those that try too many ways from one place, and one that looks at the rest of the text from every place. None
    /// of them would be done within ages.
    @Test(arguments: [("^(a+)+$", 64), ("^(a|a)*$", 64), ("(?:a+)+[bc]", 64), ("a+[bc]", 1 << 20)])
    func hostileTextsAreGivenUp(_ pattern: String, _ count: Int) throws {
        let expression = try RegularExpression(pattern, .ecmaScript)
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: count) + Array("!".utf8)
        var budget = ProcessorBudget(milliseconds: 20)
        #expect(throws: RegularExpressionError.limitExceeded) { try expression.matches(text, within: &budget) }
    }

    @Test func aBudgetIsForAllMatchesTogether() throws {
        let expression = try RegularExpression("b", .ecmaScript)
        var spent = ProcessorBudget(milliseconds: 0)
        let text = Array(repeating: UInt8(ascii: "b"), count: 10)
        #expect(throws: RegularExpressionError.limitExceeded) {
            for _ in 0..<16 { _ = try expression.matches(text, within: &spent) }
        }
        // Whoever has time is not given up.
        var budget = ProcessorBudget(milliseconds: 10_000)
        for _ in 0..<100 { #expect(try expression.matches(text, within: &budget)) }
    }
}
