import OrreryPatterns

extension FunctionTable {
    /// A malformed pattern or modifier makes the call undefined.
    static let regularExpressionFunctions: [FunctionDefinition] = [
        FunctionDefinition(
            "RegexExtract", .string,
            [
                .init("string", .string), .init("pattern", .string), .optional("modifiers", .string),
                .optional("group", .integer),
            ],
            .many { arguments, context throws(QueryError) in
                guard let search = try PatternSearch(arguments, &context) else { return .undefined }
                guard let match = try search.firstMatch(&context) else { return .undefined }
                return search.group(arguments[3].int64 ?? 0, of: match)
            }),
        FunctionDefinition(
            "RegexExtractAll", .string,
            [
                .init("string", .string), .init("pattern", .string), .optional("modifiers", .string),
                .optional("groups", .array),
            ],
            .many { arguments, context throws(QueryError) in
                guard let search = try PatternSearch(arguments, &context) else { return .undefined }
                return try search.allMatches(groups: arguments[3], &context)
            }),
        FunctionDefinition(
            "RegexMatch", .string,
            [.init("string", .string), .init("pattern", .string), .optional("modifiers", .string)],
            .many { arguments, context throws(QueryError) in
                guard let search = try PatternSearch(arguments, &context) else { return .undefined }
                return .boolean(try search.hasMatch(&context))
            }),
    ]
}

/// A text and the pattern that is looked for in it.
private struct PatternSearch {
    private let text: [UInt8]
    private let expression: RegularExpression

    /// What a match costs beside its steps, in bytes of work (``EvaluationContext/spend(_:)``), and what each group.
    private static let matchWorkBytes = 1024
    private static let groupWorkBytes = 32

    /// - Parameter arguments: text, pattern, modifiers.
    init?(_ arguments: [Value], _ context: inout EvaluationContext) throws(QueryError) {
        let (text, pattern) = (arguments[0].string ?? "", arguments[1].string ?? "")
        try context.spend(text.utf8.count.saturatingSum(pattern.utf8.count))
        guard text.utf8.count * pattern.utf8.count <= context.limits.matchedBytesMax else {
            throw .tooSlow(context.limits)
        }
        guard let expression = try context.regularExpression(pattern, modifiers: arguments[2].string ?? "") else {
            return nil
        }
        self.text = Array(text.utf8)
        self.expression = expression
    }

    func hasMatch(_ context: inout EvaluationContext) throws(QueryError) -> Bool {
        try context.matching { budget throws(RegularExpressionError) in
            try expression.matches(text, within: &budget)
        }
    }

    func firstMatch(
        from start: Int = 0, _ context: inout EvaluationContext
    ) throws(QueryError) -> [Range<Int>?]? {
        try context.matching { budget throws(RegularExpressionError) in
            try expression.firstMatch(in: text, from: start, within: &budget)
        }
    }

    /// The text of a group, undefined where it took no part or there is none.
    func group(_ number: Int64, of match: [Range<Int>?]) -> Value {
        guard let index = Int(exactly: number), match.indices.contains(index), let range = match[index] else {
            return .undefined
        }
        return .string(String(decoding: text[range], as: UTF8.self))
    }

    /// Every match's text; with groups, an array of each match's groups.
    func allMatches(groups: Value, _ context: inout EvaluationContext) throws(QueryError) -> Value {
        // What the pattern does not have is undefined in each match, and undefined elements go.
        let numbers = groups.elements?.compactMap(\.int64).filter { 0 <= $0 && $0 < expression.groupCount }
        let wanted = numbers ?? [0]
        let workBytes = Self.matchWorkBytes + Self.groupWorkBytes * (expression.groupCount + wanted.count)
        var results: [Value] = []
        var bytes = 0
        var start = 0
        while start <= text.count {
            try context.spend(workBytes)
            guard let match = try firstMatch(from: start, &context), let whole = match[0] else { break }
            // A match is a value, also where none of its groups is wanted. Groups may be named more than once, and each
            // may be most of the text.
            bytes = bytes.saturatingSum(Self.groupWorkBytes)
            for number in wanted {
                bytes = bytes.saturatingSum(Self.groupWorkBytes + (match[Int(number)]?.count ?? 0))
            }
            guard bytes <= context.limits.valueBytesMax else { throw Value.tooLarge(context.limits) }
            let texts = wanted.map { group($0, of: match) }
            results.append(numbers == nil ? texts[0] : Value.array(unchecked: texts))
            start = whole.isEmpty ? whole.upperBound + 1 : whole.upperBound
            // An empty match must not stop inside a character.
            while start < text.count, text[start] & 0xC0 == 0x80 { start += 1 }
        }
        return Value.array(unchecked: results)
    }
}
