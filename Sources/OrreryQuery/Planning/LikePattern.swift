/// A LIKE pattern: `%` any run, `_` one character, `[a-z]` one of a set, `[^a]` one not of a set, and a character
/// behind the ESCAPE character as it stands.
struct LikePattern: Sendable {
    private enum Part: Sendable {
        case run
        case any
        case scalar(Unicode.Scalar)
        case set([ClosedRange<Unicode.Scalar>], isNegated: Bool)

        func matches(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .run: false
            case .any: true
            case .scalar(let wanted): scalar == wanted
            case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
            }
        }
    }

    private let parts: [Part]

    /// Steps that one match may take: a long run of `%` over a long text is refused rather than waited for.
    private static let stepsMax = 50_000_000

    init(_ pattern: String, escape: Unicode.Scalar?) {
        let scalars = Array(pattern.unicodeScalars)
        var parts: [Part] = []
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            if let escape, scalar == escape, index < scalars.count {
                parts.append(.scalar(scalars[index]))
                index += 1
                continue
            }
            switch scalar {
            case "%":
                if case .run? = parts.last { continue }
                parts.append(.run)
            case "_": parts.append(.any)
            case "[":
                if let (set, next) = Self.set(in: scalars, at: index, escape: escape) {
                    parts.append(set)
                    index = next
                } else {
                    parts.append(.scalar(scalar))
                }
            default: parts.append(.scalar(scalar))
            }
        }
        self.parts = parts
    }

    /// Reads a set from behind its `[`; nil when it is never closed, so that the bracket stands for itself.
    private static func set(
        in scalars: [Unicode.Scalar], at start: Int, escape: Unicode.Scalar?
    ) -> (Part, next: Int)? {
        var index = start
        var isNegated = false
        if index < scalars.count, scalars[index] == "^" {
            isNegated = true
            index += 1
        }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while index < scalars.count, scalars[index] != "]" {
            if let escape, scalars[index] == escape, index + 1 < scalars.count { index += 1 }
            let lower = scalars[index]
            if index + 2 < scalars.count, scalars[index + 1] == "-", scalars[index + 2] != "]" {
                let upper = scalars[index + 2]
                if lower <= upper { ranges.append(lower...upper) }
                index += 3
            } else {
                ranges.append(lower...lower)
                index += 1
            }
        }
        guard index < scalars.count else { return nil }
        return (.set(ranges, isNegated: isNegated), index + 1)
    }

    /// The steps that a match may take at the most, but for short patterns hardly ever does.
    func cost(over string: String) -> Int {
        // Both are bounded by the size of a value, so their product fits.
        string.utf8.count * max(1, parts.count / 8)
    }

    /// Whether the whole text matches. On a mismatch only the last run can take more, so no other state is kept.
    func matches(_ string: String) throws(QueryError) -> Bool {
        let text = Array(string.unicodeScalars)
        var (position, part) = (0, 0)
        var (runPart, runPosition) = (-1, 0)
        var steps = 0
        while position < text.count {
            steps += 1
            guard steps <= Self.stepsMax else {
                throw QueryError(.limitExceeded, "A LIKE pattern took more steps than is allowed.")
            }
            if part < parts.count, case .run = parts[part] {
                (runPart, runPosition) = (part, position)
                part += 1
            } else if part < parts.count, parts[part].matches(text[position]) {
                part += 1
                position += 1
            } else if runPart >= 0 {
                runPosition += 1
                (position, part) = (runPosition, runPart + 1)
            } else {
                return false
            }
        }
        while part < parts.count, case .run = parts[part] { part += 1 }
        return part == parts.count
    }
}
