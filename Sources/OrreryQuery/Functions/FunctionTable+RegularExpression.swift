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
                guard let expression = try expression(arguments, &context) else { return .undefined }
                let text = Array((arguments[0].string ?? "").utf8)
                guard let match = try firstMatch(of: expression, in: text) else { return .undefined }
                return group(arguments[3].int64 ?? 0, of: match, in: text)
            }),
        FunctionDefinition(
            "RegexExtractAll", .string,
            [
                .init("string", .string), .init("pattern", .string), .optional("modifiers", .string),
                .optional("groups", .array),
            ],
            .many { arguments, context throws(QueryError) in
                guard let expression = try expression(arguments, &context) else { return .undefined }
                return try extractAll(expression, Array((arguments[0].string ?? "").utf8), groups: arguments[3])
            }),
        FunctionDefinition(
            "RegexMatch", .string,
            [.init("string", .string), .init("pattern", .string), .optional("modifiers", .string)],
            .many { arguments, context throws(QueryError) in
                guard let expression = try expression(arguments, &context) else { return .undefined }
                let text = Array((arguments[0].string ?? "").utf8)
                return .boolean(try firstMatch(of: expression, in: text) != nil)
            }),
    ]

    private static func expression(
        _ arguments: [Value], _ context: inout EvaluationContext
    ) throws(QueryError) -> RegularExpression? {
        // A match may backtrack far beyond the text's length.
        try context.spend(1024 * 1024)
        return context.regularExpressions.expression(arguments[1].string ?? "", modifiers: arguments[2].string ?? "")
    }

    private static func firstMatch(
        of expression: RegularExpression, in text: [UInt8], from start: Int = 0
    ) throws(QueryError) -> [Range<Int>?]? {
        do throws(RegularExpressionError) {
            return try expression.firstMatch(in: text, from: start)
        } catch {
            throw QueryError(.limitExceeded, "A regular expression took more steps or memory than is allowed.")
        }
    }

    private static func group(_ number: Int64, of match: [Range<Int>?], in text: [UInt8]) -> Value {
        guard let index = Int(exactly: number), match.indices.contains(index), let range = match[index] else {
            return .undefined
        }
        return .string(String(decoding: text[range], as: UTF8.self))
    }

    /// Every match's text; with groups, an array of each match's groups.
    private static func extractAll(
        _ expression: RegularExpression, _ text: [UInt8], groups: Value
    ) throws(QueryError) -> Value {
        let numbers = groups.elements?.map { $0.int64 ?? -1 }
        var results: [Value] = []
        var start = 0
        while start <= text.count, let match = try firstMatch(of: expression, in: text, from: start),
            let whole = match[0]
        {
            if let numbers {
                results.append(Value.array(unchecked: numbers.map { group($0, of: match, in: text) }))
            } else {
                results.append(group(0, of: match, in: text))
            }
            start = whole.isEmpty ? whole.upperBound + 1 : whole.upperBound
            // An empty match must not stop inside a character.
            while start < text.count, text[start] & 0xC0 == 0x80 { start += 1 }
        }
        return Value.array(unchecked: results)
    }
}
