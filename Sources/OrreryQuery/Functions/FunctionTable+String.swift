import OrreryDocuments

extension FunctionTable {
    static let stringFunctions: [FunctionDefinition] = [
        FunctionDefinition(
            "CONCAT", .string, [.init("a", .string), .repeated("b", .string)],
            .many { parts, context throws(QueryError) in
                var bytes = 0
                for part in parts { bytes = bytes.saturatingSum(part.weightBytes) }
                guard bytes <= context.limits.valueBytesMax else { throw Value.tooLarge(context.limits) }
                return .string(parts.map { $0.string ?? "" }.joined())
            }),
        match("CONTAINS") { text, part in StringSearch.first(part, in: text) != nil },
        matchSeveral("CONTAINS_ALL_CI", ignoresCase: true, needsAll: true),
        matchSeveral("CONTAINS_ALL_CS", ignoresCase: false, needsAll: true),
        matchSeveral("CONTAINS_ANY_CI", ignoresCase: true, needsAll: false),
        matchSeveral("CONTAINS_ANY_CS", ignoresCase: false, needsAll: false),
        match("ENDSWITH") { text, part in text.count >= part.count && text.suffix(part.count).elementsEqual(part) },
        FunctionDefinition(
            "INDEX_OF", .string, [.init("string", .string), .init("part", .string), .optional("start", .integer)],
            .three { string, part, start in
                let text = CharacterText(string.string ?? "")
                let first = max(0, start.int64.map { Int(clamping: $0) } ?? 0)
                guard first <= text.count else { return .integer(-1) }
                let offset = StringSearch.first(
                    Array((part.string ?? "").utf8), in: text.bytes, from: text.byteOffset(ofCharacter: first))
                return .integer(offset.map { Int64(text.character(atByteOffset: $0)) } ?? -1)
            }),
        FunctionDefinition(
            "LASTINDEXOF", aliases: ["LAST_INDEX_OF"], .string,
            [.init("string", .string), .init("part", .string), .optional("start", .integer)],
            .three { string, part, start in
                let text = CharacterText(string.string ?? "")
                let last = start.int64.map { Int(clamping: $0) } ?? text.count
                guard last >= 0 else { return .integer(-1) }
                let offset = StringSearch.last(
                    Array((part.string ?? "").utf8), in: text.bytes,
                    upTo: text.byteOffset(ofCharacter: min(last, text.count)))
                return .integer(offset.map { Int64(text.character(atByteOffset: $0)) } ?? -1)
            }),
        around("LASTSUBSTRINGAFTER", "LAST_SUBSTRING_AFTER", last: true, after: true),
        around("LASTSUBSTRINGBEFORE", "LAST_SUBSTRING_BEFORE", last: true, after: false),
        part("LEFT") { count, wanted in 0..<min(wanted, count) },
        FunctionDefinition(
            "LENGTH", .string, [.init("string", .string)],
            .one { string in
                .integer(Int64(CharacterText(string.string ?? "").count))
            }),
        mapping("LOWER") { $0.lowered },
        trim("LTRIM", start: true, end: false),
        FunctionDefinition(
            "REPLACE", .string, [.init("string", .string), .init("part", .string), .init("replacement", .string)],
            .many { arguments, context throws(QueryError) in
                let bytes = arguments.map { Array(($0.string ?? "").utf8) }
                guard
                    let result = StringSearch.replace(
                        bytes[1], in: bytes[0], with: bytes[2], bytesMax: context.limits.valueBytesMax)
                else { throw Value.tooLarge(context.limits) }
                return .string(String(decoding: result, as: UTF8.self))
            }),
        FunctionDefinition(
            "REPLICATE", .string, [.init("string", .string), .init("count", .integer)],
            .two { string, count in
                let text = string.string ?? ""
                guard let count = count.int64, count >= 0, count <= replicatedLengthMax,
                    text.utf16.count * Int(count) <= replicatedLengthMax
                else { return .undefined }
                return .string(String(repeating: text, count: Int(count)))
            }),
        mapping("REVERSE") { String(String.UnicodeScalarView($0.unicodeScalars.reversed())) },
        part("RIGHT") { count, wanted in max(0, count - wanted)..<count },
        trim("RTRIM", start: false, end: true),
        match("STARTSWITH") { text, part in text.starts(with: part) },
        match("STRINGEQUALS", "STRING_EQUALS") { $0 == $1 },
        FunctionDefinition(
            "STRINGJOIN", aliases: ["STRING_JOIN"], .string, [.init("array", .array), .init("separator", .string)],
            .many { arguments, context throws(QueryError) in
                var parts: [String] = []
                var bytes = 0
                let separator = arguments[1].string ?? ""
                for element in arguments[0].elements ?? [] {
                    guard let part = element.string else { return .undefined }
                    parts.append(part)
                    bytes = bytes.saturatingSum(part.utf8.count + separator.utf8.count)
                    guard bytes <= context.limits.valueBytesMax else { throw Value.tooLarge(context.limits) }
                }
                return .string(parts.joined(separator: separator))
            }),
        FunctionDefinition(
            "STRINGSPLIT", aliases: ["STRING_SPLIT"], .string, [.init("string", .string), .init("separator", .string)],
            .two { string, separator in
                let parts = StringSearch.split(
                    Array((string.string ?? "").utf8), at: Array((separator.string ?? "").utf8))
                return Value.array(unchecked: parts.map { .string(String(decoding: $0, as: UTF8.self)) })
            }),
        FunctionDefinition(
            "SUBSTRING", .string, [.init("string", .string), .init("start", .number), .init("length", .number)],
            .three { string, start, length in
                let text = CharacterText(string.string ?? "")
                guard let start = start.int64, let length = length.int64, start >= 0 else { return .undefined }
                let first = Int(clamping: start)
                let last = first.saturatingSum(Int(clamping: max(0, length)))
                return .string(first >= text.count ? "" : text.text(in: first..<min(last, text.count)))
            }),
        around("SUBSTRINGAFTER", "SUBSTRING_AFTER", last: false, after: true),
        around("SUBSTRINGBEFORE", "SUBSTRING_BEFORE", last: false, after: false),
        trim("TRIM", start: true, end: true),
        mapping("UPPER") { $0.uppered },
    ]

    /// The service's bound on what REPLICATE yields, in characters.
    private static let replicatedLengthMax = 10_000

    private static func mapping(_ name: String, _ function: @escaping @Sendable (String) -> String)
        -> FunctionDefinition
    {
        FunctionDefinition(name, .string, [.init("string", .string)], .one { .string(function($0.string ?? "")) })
    }

    /// LEFT and RIGHT: the range of characters that a count selects.
    private static func part(
        _ name: String, _ range: @escaping @Sendable (_ count: Int, _ wanted: Int) -> Range<Int>
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, .string, [.init("string", .string), .init("count", .integer)],
            .two { string, count in
                let text = CharacterText(string.string ?? "")
                return .string(text.text(in: range(text.count, max(0, Int(clamping: count.int64 ?? 0)))))
            })
    }

    private static func match(
        _ name: String, _ alias: String? = nil, _ test: @escaping @Sendable ([UInt8], [UInt8]) -> Bool
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases: alias.map { [$0] } ?? [], .string,
            [.init("string", .string), .init("part", .string), .optional("ignoreCase", .boolean)],
            .three { string, part, ignoresCase in
                .boolean(test(string.searchBytes(ignoresCase.isTrue), part.searchBytes(ignoresCase.isTrue)))
            })
    }

    private static func matchSeveral(_ name: String, ignoresCase: Bool, needsAll: Bool) -> FunctionDefinition {
        FunctionDefinition(
            name, .string, [.init("string", .string), .repeated("part", .string)],
            .many { arguments, context throws(QueryError) in
                let text = arguments[0].searchBytes(ignoresCase)
                for part in arguments.dropFirst() {
                    try context.spend(text.count)
                    let isPart = StringSearch.first(part.searchBytes(ignoresCase), in: text) != nil
                    if isPart != needsAll { return .boolean(isPart) }
                }
                return .boolean(needsAll)
            })
    }

    /// What stands before or after the first or last occurrence of a part; empty when there is none.
    private static func around(_ name: String, _ alias: String, last: Bool, after: Bool) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases: [alias], .string, [.init("string", .string), .init("part", .string)],
            .two { string, part in
                let (text, part) = (string.searchBytes(false), part.searchBytes(false))
                let place =
                    last ? StringSearch.last(part, in: text, upTo: text.count) : StringSearch.first(part, in: text)
                guard let place else { return .string("") }
                let slice = after ? text[min(place + part.count, text.count)...] : text[..<place]
                return .string(String(decoding: slice, as: UTF8.self))
            })
    }

    /// Without a second argument blanks go; LTRIM and RTRIM then take a whole text off, TRIM a set of characters.
    private static func trim(_ name: String, start: Bool, end: Bool) -> FunctionDefinition {
        FunctionDefinition(
            name, .string, [.init("string", .string), .optional(start && end ? "characters" : "text", .string)],
            .two { string, characters in
                var text = Substring(string.string ?? "").unicodeScalars
                if start != end, let affix = characters.string?.unicodeScalars {
                    if start, text.starts(with: affix) { text = text.dropFirst(affix.count) }
                    if end, text.count >= affix.count, text.suffix(affix.count).elementsEqual(affix) {
                        text = text.dropLast(affix.count)
                    }
                    return .string(String(text))
                }
                let set = characters.string.map { Set($0.unicodeScalars) }
                let isTrimmed = { (scalar: Unicode.Scalar) in set?.contains(scalar) ?? scalar.properties.isWhitespace }
                if start { text = text.drop(while: isTrimmed) }
                while end, let last = text.last, isTrimmed(last) { text.removeLast() }
                return .string(String(text))
            })
    }
}

extension Value {
    /// The bytes that string tests compare: the string's UTF-8, in lower case when case is ignored.
    fileprivate func searchBytes(_ ignoresCase: Bool) -> [UInt8] {
        if ignoresCase { return Array((string ?? "").lowered.utf8) }
        if case .node(let node) = self { return node.stringBytes ?? [] }
        return Array((string ?? "").utf8)
    }
}
