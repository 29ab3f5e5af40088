import CPCRE2

/// A compiled pattern of PCRE2, the only place that touches the library. Matching is bounded in steps, depth and
/// memory, so that no pattern can hold a worker: past a bound the query is refused.
///
/// It is a class because it owns C memory; it is never changed after compilation, which PCRE2 allows to be shared.
@safe final class RegularExpression: @unchecked Sendable {
    /// Steps of backtracking; a usual match takes a few hundred.
    private static let matchStepsMax: UInt32 = 2_000_000
    private static let depthMax: UInt32 = 20_000
    private static let heapKilobytesMax: UInt32 = 16_384
    static let patternBytesMax = 64 * 1024

    private let code: OpaquePointer
    private let matchContext: OpaquePointer

    /// Nil when the pattern is malformed or too long, or a modifier is none of `i m s x`.
    init?(pattern: String, modifiers: String) {
        var options = UInt32(PCRE2_UTF) | UInt32(PCRE2_NEVER_BACKSLASH_C) | UInt32(PCRE2_NO_UTF_CHECK)
        for modifier in modifiers.unicodeScalars {
            switch modifier {
            case "i": options |= UInt32(PCRE2_CASELESS)
            case "m": options |= UInt32(PCRE2_MULTILINE)
            case "s": options |= UInt32(PCRE2_DOTALL)
            case "x": options |= UInt32(PCRE2_EXTENDED)
            default: return nil
            }
        }
        let bytes = Array(pattern.utf8)
        guard bytes.count <= RegularExpression.patternBytesMax else { return nil }
        var errorCode: Int32 = 0
        var errorOffset = 0
        // The pattern is copied by the compiler; both results are freed in deinit.
        let compiled = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe pcre2_compile_8(buffer.baseAddress, buffer.count, options, &errorCode, &errorOffset, nil)
        }
        guard let compiled = unsafe compiled else { return nil }
        guard let context = unsafe pcre2_match_context_create_8(nil) else {
            unsafe pcre2_code_free_8(compiled)
            return nil
        }
        unsafe pcre2_set_match_limit_8(context, RegularExpression.matchStepsMax)
        unsafe pcre2_set_depth_limit_8(context, RegularExpression.depthMax)
        unsafe pcre2_set_heap_limit_8(context, RegularExpression.heapKilobytesMax)
        unsafe code = compiled
        unsafe matchContext = context
    }

    deinit {
        unsafe pcre2_match_context_free_8(matchContext)
        unsafe pcre2_code_free_8(code)
    }

    /// The byte ranges of the first match at or after `start`, the whole and each group (nil where a group took no
    /// part), or nil when there is none.
    func firstMatch(in text: [UInt8], from start: Int = 0) throws(QueryError) -> [Range<Int>?]? {
        guard let data = unsafe pcre2_match_data_create_from_pattern_8(code, nil) else {
            throw QueryError(.limitExceeded, "A regular expression could not be evaluated.")
        }
        defer { unsafe pcre2_match_data_free_8(data) }
        // An empty array has no address, and PCRE2 takes none for an empty subject only from version 10.43 on.
        let subject = text.isEmpty ? [0] : text
        let result = unsafe subject.withUnsafeBufferPointer { buffer in
            unsafe pcre2_match_8(
                code, buffer.baseAddress, text.count, start, UInt32(PCRE2_NO_UTF_CHECK), data, matchContext)
        }
        if result == PCRE2_ERROR_NOMATCH { return nil }
        guard result > 0 else {
            throw QueryError(.limitExceeded, "A regular expression took more steps or memory than is allowed.")
        }
        let count = Int(unsafe pcre2_get_ovector_count_8(data))
        guard let offsets = unsafe pcre2_get_ovector_pointer_8(data) else { return nil }
        return (0..<count).map { group in
            guard group < Int(result), unsafe offsets[2 * group] != Int.max, unsafe offsets[2 * group] >= 0 else {
                return nil
            }
            let (lower, upper) = unsafe (offsets[2 * group], offsets[2 * group + 1])
            return lower <= upper && upper <= text.count ? lower..<upper : nil
        }
    }
}

/// The patterns one query has compiled, so that a pattern is compiled once and not once per item.
struct RegularExpressionCache: Sendable {
    private struct Key: Hashable {
        let pattern: [UInt8]
        let modifiers: [UInt8]
    }

    private static let countMax = 64
    private var entries: [Key: RegularExpression?] = [:]

    /// The compiled pattern; nil when it is malformed.
    mutating func expression(_ pattern: String, modifiers: String) -> RegularExpression? {
        let key = Key(pattern: Array(pattern.utf8), modifiers: Array(modifiers.utf8))
        if let known = entries[key] { return known }
        if entries.count >= RegularExpressionCache.countMax { entries.removeAll(keepingCapacity: true) }
        let compiled = RegularExpression(pattern: pattern, modifiers: modifiers)
        entries[key] = .some(compiled)
        return compiled
    }
}
