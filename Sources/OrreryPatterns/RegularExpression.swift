// Regular expressions, bounded in what they may cost. Knows nothing of documents, queries and requests.

import CPCRE2

/// A compiled pattern of PCRE2, the only place that touches the library. Matching is bounded in depth, memory and, by a
/// ``MatchBudget`` that is asked before each item of the pattern, in time, so that no pattern can hold a thread: the
/// library's own limit of steps begins anew at each place of the text, and a step may walk through all of it.
///
/// It is a class because it owns C memory; it is never changed after compilation, which PCRE2 allows to be shared.
@safe public final class RegularExpression: @unchecked Sendable {
    /// What a pattern is written in.
    public enum Syntax: Sendable {
        case pcre2
        /// ECMA-262 as far as PCRE2 can read it, for JSON Schema: `$` is the end alone, `\u0041` a character, `.` no
        /// end of a line, `[]` nothing, and a group that took no part is empty. Otherwise than in ECMA-262, `\s` is
        /// ASCII's white space, names in `\p{}` are short ones (`\p{L}`), and what PCRE2 has beyond it is taken.
        case ecmaScript
    }

    /// Compiled, a pattern may take 64 KiB as well: of characters that stand for themselves it may have 8,000.
    public static let patternBytesMax = 64 * 1024
    /// Steps of backtracking from one place of the text; a usual match takes a few hundred.
    private static let matchStepsMax: UInt32 = 2_000_000
    private static let depthMax: UInt32 = 20_000
    private static let heapKilobytesMax: UInt32 = 16_384
    /// What is put before an ECMA-262 pattern: it takes the meaning from what only counts at the beginning of a pattern
    /// of PCRE2, such as `(*UCP)`.
    private static let ecmaScriptPrefix = Array("(?C)".utf8)

    private let code: OpaquePointer
    private let matchContext: OpaquePointer
    private let patternBytes: Int
    /// The whole match and the groups of the pattern.
    public let groupCount: Int

    /// - Parameter modifiers: any of `i m s x`.
    /// - Throws: what is wrong with the pattern.
    public init(_ pattern: String, _ syntax: Syntax, modifiers: String = "") throws(RegularExpressionError) {
        var options = UInt32(PCRE2_UTF) | UInt32(PCRE2_NEVER_BACKSLASH_C) | UInt32(PCRE2_NO_UTF_CHECK)
            | UInt32(PCRE2_AUTO_CALLOUT)
        for modifier in modifiers.unicodeScalars {
            switch modifier {
            case "i": options |= UInt32(PCRE2_CASELESS)
            case "m": options |= UInt32(PCRE2_MULTILINE)
            case "s": options |= UInt32(PCRE2_DOTALL)
            case "x": options |= UInt32(PCRE2_EXTENDED)
            default: throw .malformed(byteOffset: 0, "unknown modifier")
            }
        }
        let prefix = syntax == .ecmaScript ? Self.ecmaScriptPrefix : []
        let bytes = prefix + Array(pattern.utf8)
        guard bytes.count - prefix.count <= Self.patternBytesMax else {
            throw .malformed(byteOffset: Self.patternBytesMax, "pattern is too long")
        }
        guard let compileContext = unsafe pcre2_compile_context_create_8(nil) else { throw .limitExceeded }
        defer { unsafe pcre2_compile_context_free_8(compileContext) }
        if syntax == .ecmaScript {
            options |= UInt32(PCRE2_DOLLAR_ENDONLY) | UInt32(PCRE2_ALLOW_EMPTY_CLASS) | UInt32(PCRE2_ALT_BSUX)
                | UInt32(PCRE2_MATCH_UNSET_BACKREF)
            unsafe pcre2_set_newline_8(compileContext, UInt32(PCRE2_NEWLINE_ANYCRLF))
            unsafe pcre2_set_compile_extra_options_8(compileContext, UInt32(PCRE2_EXTRA_ALT_BSUX))
        }
        var errorCode: Int32 = 0
        var errorOffset = 0
        // The pattern is copied by the compiler; both results are freed in deinit.
        let compiled = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe pcre2_compile_8(buffer.baseAddress, buffer.count, options, &errorCode, &errorOffset, compileContext)
        }
        guard let compiled = unsafe compiled else {
            throw .malformed(byteOffset: max(0, errorOffset - prefix.count), Self.message(errorCode))
        }
        guard let context = unsafe pcre2_match_context_create_8(nil) else {
            unsafe pcre2_code_free_8(compiled)
            throw .limitExceeded
        }
        unsafe pcre2_set_match_limit_8(context, Self.matchStepsMax)
        unsafe pcre2_set_depth_limit_8(context, Self.depthMax)
        unsafe pcre2_set_heap_limit_8(context, Self.heapKilobytesMax)
        var highestGroup: UInt32 = 0
        unsafe pcre2_pattern_info_8(compiled, UInt32(PCRE2_INFO_CAPTURECOUNT), &highestGroup)
        groupCount = 1 + Int(highestGroup)
        patternBytes = bytes.count
        unsafe code = compiled
        unsafe matchContext = context
    }

    deinit {
        unsafe pcre2_match_context_free_8(matchContext)
        unsafe pcre2_code_free_8(code)
    }

    private static func message(_ code: Int32) -> String {
        var text = [UInt8](repeating: 0, count: 256)
        // Safe: the library writes at most as many bytes as it is told there are, and says how many.
        let count = unsafe text.withUnsafeMutableBufferPointer { buffer in
            unsafe pcre2_get_error_message_8(code, buffer.baseAddress, buffer.count)
        }
        return count > 0 ? String(decoding: text.prefix(Int(count)), as: UTF8.self) : "it cannot be read"
    }

    /// The byte ranges of the first match at or after `start`, the whole and each group (nil where a group took no
    /// part), or nil when there is none.
    /// - Parameters:
    ///   - text: valid UTF-8.
    ///   - budget: what this match and others may take together.
    /// - Throws: `limitExceeded` where that is not known within the budget.
    public func firstMatch(
        in text: [UInt8], from start: Int = 0, within budget: inout MatchBudget
    ) throws(RegularExpressionError) -> [Range<Int>?]? {
        guard let data = unsafe pcre2_match_data_create_from_pattern_8(code, nil) else { throw .limitExceeded }
        defer { unsafe pcre2_match_data_free_8(data) }
        guard let matched = unsafe try match(text, from: start, data, &budget) else { return nil }
        let count = Int(unsafe pcre2_get_ovector_count_8(data))
        guard let offsets = unsafe pcre2_get_ovector_pointer_8(data) else { return nil }
        return (0..<count).map { group in
            guard group < matched, unsafe offsets[2 * group] != Int.max, unsafe offsets[2 * group] >= 0 else {
                return nil
            }
            let (lower, upper) = unsafe (offsets[2 * group], offsets[2 * group + 1])
            return lower <= upper && upper <= text.count ? lower..<upper : nil
        }
    }

    /// Whether there is a match anywhere in a text.
    /// - Parameters:
    ///   - text: valid UTF-8.
    ///   - budget: what this match and others may take together.
    /// - Throws: `limitExceeded` where that is not known within the budget.
    public func matches(
        _ text: [UInt8], within budget: inout MatchBudget
    ) throws(RegularExpressionError) -> Bool {
        guard let data = unsafe pcre2_match_data_create_from_pattern_8(code, nil) else { throw .limitExceeded }
        defer { unsafe pcre2_match_data_free_8(data) }
        return unsafe try match(text, from: 0, data, &budget) != nil
    }

    /// How many groups, the whole among them, took part in a match; nil where there is none.
    private func match(
        _ text: [UInt8], from start: Int, _ data: OpaquePointer, _ budget: inout MatchBudget
    ) throws(RegularExpressionError) -> Int? {
        guard let context = unsafe pcre2_match_context_copy_8(matchContext) else { throw .limitExceeded }
        defer { unsafe pcre2_match_context_free_8(context) }
        budget.begin(textBytes: text.count, patternBytes: patternBytes)
        // An empty array has no address, and PCRE2 takes none for an empty subject only from version 10.43 on.
        let subject = text.isEmpty ? [0] : text
        // Safe: the library calls back during the match only, and hands on the address of the budget, which stands
        // still until then.
        let result = unsafe withUnsafeMutablePointer(to: &budget) { budget in
            unsafe pcre2_set_callout_8(
                context,
                { place, budget in
                    let budget = unsafe budget?.assumingMemoryBound(to: MatchBudget.self)
                    guard let place = unsafe place?.pointee.current_position else { return PCRE2_ERROR_CALLOUT }
                    return unsafe budget?.pointee.isSpent(at: place) == false ? 0 : PCRE2_ERROR_CALLOUT
                }, budget)
            return unsafe subject.withUnsafeBufferPointer { buffer in
                unsafe pcre2_match_8(
                    code, buffer.baseAddress, text.count, start, UInt32(PCRE2_NO_UTF_CHECK), data, context)
            }
        }
        if result == PCRE2_ERROR_NOMATCH { return nil }
        guard result > 0 else { throw .limitExceeded }
        return Int(result)
    }
}
