import Testing

@testable import OrreryEvents

/// What the compatibility kit leaves open, and what hostile texts must not do.
@Suite struct CESQLExpressionTests {
    private static let event = Event(
        id: "1", source: "/s", type: "t", subject: "Zoë", extensions: [EventExtension("n", .integer(7))])

    private func value(_ text: String) throws -> CESQLOutcome {
        try CESQLExpression(text).evaluate(Self.event)
    }

    @Test(arguments: [
        ("TRUE OR FALSE AND FALSE", CESQLValue.boolean(true)), ("FALSE AND FALSE OR TRUE", .boolean(false)),
        ("TRUE XOR TRUE XOR TRUE", .boolean(true)), ("TRUE XOR FALSE AND FALSE", .boolean(true)),
        ("1 + 2 * 3 - 4", .integer(3)), ("7 / -2", .integer(-3)), ("-7 % 2", .integer(-1)),
        ("1 + 1 = 2 AND 3 > 2", .boolean(true)), ("-2147483648 + 2147483647", .integer(-1)),
        ("NOT n = 7", .boolean(false)), ("n * 2", .integer(14)), ("subject LIKE 'Zo_'", .boolean(true)),
        ("LENGTH(subject)", .integer(3)), ("RIGHT(subject, 1)", .string("ë")), ("UPPER(subject)", .string("ZOË")),
        ("id NOT IN ('2', '3') AND EXISTS n", .boolean(true)), ("'%' LIKE '\\%'", .boolean(true)),
        ("'aXbXc' LIKE '%X%X%'", .boolean(true)), ("'' LIKE '%'", .boolean(true)), ("'' LIKE '_'", .boolean(false)),
        ("SUBSTRING('Zoë', -1)", .string("ë")),
    ])
    func values(text: String, expected: CESQLValue) throws {
        let outcome = try value(text)
        // `NOT n` fails to cast, and the comparison around it gives its own zero.
        #expect(outcome.value == expected)
        #expect((outcome.error == nil) == !text.hasPrefix("NOT n"))
    }

    @Test(arguments: [
        ("2147483647 + 1", CESQLOutcome.Fault.math), ("-2147483648 / -1", .math), ("-2147483648 % -1", .math),
        ("-(-2147483648)", .math), ("65536 * 65536", .math), ("'a' = 1", .cast), ("n AND TRUE", .cast),
        ("'x' < 1", .cast), ("INT(missing)", .missingAttribute), ("id IN (missing)", .missingAttribute),
        ("NOPE(1)", .missingFunction), ("LEFT('a')", .missingFunction), ("SUBSTRING('a', 1, -1)", .functionEvaluation),
    ])
    func faults(text: String, fault: CESQLOutcome.Fault) throws {
        #expect(try value(text).error == fault)
        #expect(try !CESQLExpression(text).holds(Self.event))
    }

    @Test(arguments: [
        "", " ", "(", "1 +", "a b", "'open", "\"open", "2147483648", "99999999999999999999", "x LIKE y", "x NOT",
        "x IN ()", "x IN 1", "EXISTS 'a'", "EXISTS", "a_b", "f(,)", "f(1", "1 = = 2", "AND", "a AND", "#", "é",
        "x NOT BETWEEN 1",
    ])
    func refusals(text: String) {
        #expect(throws: CESQLSyntaxError.self) { try CESQLExpression(text) }
    }

    @Test func depthIsLimitedAndLengthIsNot() throws {
        for (opening, closing) in [("(", ")"), ("NOT ", ""), ("-", ""), ("INT(", ")")] {
            let deep = String(repeating: opening, count: 5_000) + "1" + String(repeating: closing, count: 5_000)
            #expect(throws: CESQLSyntaxError.self) { try CESQLExpression(deep) }
        }
        let long = String(repeating: "id = '0' OR ", count: 2_000) + "id = '1'"
        #expect(try CESQLExpression(long).holds(Self.event))
        #expect(try value(String(repeating: "1 + ", count: 5_000) + "1").value == .integer(5_001))
    }

    @Test func filtersUseIt() throws {
        func mismatch(_ text: String) throws -> FilterMismatch? {
            var candidate = EventCandidate(Self.event)
            let filter = try Filter(FilterDefinition(cesql: text), schema: .cloudEvents)
            return filter.mismatch(&candidate) { Issue.record("\($0)") }
        }
        #expect(try mismatch("n > 5") == nil)
        #expect(try mismatch("n > 7") == FilterMismatch("cesql", "the expression is not true"))
        #expect(try mismatch("missing = 1") == FilterMismatch("cesql", "it failed: missingAttribute"))
        #expect(throws: EventError.self) { try mismatch("n >") }
        #expect(throws: EventError.self) { try mismatch("NOPE(n)") }
    }
}
