import OrreryDocuments
import OrreryPatterns

/// Checks one value by a schema. Combinations within combinations could take very long for small values, so the steps
/// are counted: a value that takes too many is refused.
struct SchemaCheck {
    private let named: NamedSchemas
    private let subject: String
    private var steps = 0
    /// For all patterns together; begun with the first.
    private var patternTime: MatchBudget?
    private(set) var isExhausted = false

    static let stepsMax = 200_000
    private static let patternMilliseconds = 50

    init(_ named: NamedSchemas, subject: String) {
        self.named = named
        self.subject = subject
    }

    /// What is wrong with a value, with the place in it; nil where nothing is.
    mutating func fault(_ value: JSONValue, _ node: SchemaNode, _ place: String) -> String? {
        steps += 1
        let here = place.isEmpty ? subject : place
        guard steps <= Self.stepsMax else { return exhausted() }
        if !node.types.isEmpty, !node.types.contains(where: { Self.has(value, type: $0) }) {
            return "\(here) must be of type \(node.types.joined(separator: " or "))"
        }
        if let values = node.values, !values.contains(where: { $0 == value }) {
            return "\(here) must be one of \(values.map(\.description).joined(separator: ", "))"
        }
        if let fault = combinedFault(value, node, place) { return fault }
        if let text = value.string, !node.counts.length.contains(text.unicodeScalars.count) {
            return "\(here) must have \(Self.count(node.counts.length)) characters"
        }
        if let pattern = node.pattern, let text = value.string, let fault = fault(text, pattern, here) { return fault }
        if let number = value.double, let fault = Self.fault(number, node.bounds) { return "\(here) must be \(fault)" }
        if let elements = value.array { return fault(elements, node, place) }
        return value.members.flatMap { fault($0, value, node, place) }
    }

    /// A value that takes too long to check has this fault, whatever comes of the part that was looked at: within a
    /// `not`, what cannot be told must not count as what may not be.
    mutating func exhausted() -> String {
        isExhausted = true
        return "\(subject) takes too many steps to check"
    }

    private mutating func fault(_ text: String, _ pattern: RegularExpression, _ here: String) -> String? {
        var time = patternTime ?? MatchBudget(processorMilliseconds: Self.patternMilliseconds)
        defer { patternTime = time }
        do throws(RegularExpressionError) {
            let isMatch = try pattern.matches(Array(text.utf8), within: &time)
            return isMatch ? nil : "\(here) does not have the form asked for"
        } catch {
            return exhausted()
        }
    }

    private mutating func combinedFault(_ value: JSONValue, _ node: SchemaNode, _ place: String) -> String? {
        let here = place.isEmpty ? subject : place
        if let next = node.reference.flatMap({ named.node($0) }), let fault = fault(value, next, place) {
            return fault
        }
        for part in node.allOf {
            if let fault = fault(value, part, place) { return fault }
        }
        if !node.anyOf.isEmpty {
            var first: String?
            var fits = false
            for part in node.anyOf where !fits {
                let fault = fault(value, part, place)
                fits = fault == nil
                first = first ?? fault
            }
            if !fits { return node.anyOf.count == 1 ? first : "\(here) fits none of the forms it may have" }
        }
        if !node.oneOf.isEmpty {
            var fitting = 0
            for part in node.oneOf where fault(value, part, place) == nil { fitting += 1 }
            if fitting != 1 {
                return "\(here) fits \(fitting == 0 ? "none" : "more than one") of the forms it may have"
            }
        }
        if let not = node.not, fault(value, not, place) == nil { return "\(here) has a form that it may not have" }
        return nil
    }

    private mutating func fault(_ elements: [JSONValue], _ node: SchemaNode, _ place: String) -> String? {
        let here = place.isEmpty ? subject : place
        guard node.counts.items.contains(elements.count) else {
            return "\(here) must have \(Self.count(node.counts.items)) elements"
        }
        if node.isUnique {
            for (index, element) in elements.enumerated() {
                steps += index
                guard steps <= Self.stepsMax else { return exhausted() }
                if elements[..<index].contains(where: { $0 == element }) { return "\(here) has an element twice" }
            }
        }
        guard let items = node.items else { return nil }
        for (index, element) in elements.enumerated() {
            if let fault = fault(element, items, "\(place)/\(index)") { return fault }
        }
        return nil
    }

    private mutating func fault(
        _ members: [JSONMember], _ value: JSONValue, _ node: SchemaNode, _ place: String
    ) -> String? {
        for name in node.required where value[name] == nil { return "\(place)/\(name) is required" }
        guard node.counts.properties.contains(members.count) else {
            return "\(place.isEmpty ? subject : place) must have \(Self.count(node.counts.properties)) properties"
        }
        for member in members {
            let path = "\(place)/\(member.name)"
            if let known = node.properties.first(where: { $0.name.utf8.elementsEqual(member.name.utf8) }) {
                if let fault = fault(member.value, known.node, path) { return fault }
                continue
            }
            switch node.additional {
            case .allowed: continue
            case .refused: return "\(path) is not known"
            case .schema(let other): if let fault = fault(member.value, other, path) { return fault }
            }
        }
        return nil
    }

    private static func fault(_ number: Double, _ bounds: SchemaNode.Bounds) -> String? {
        if let least = bounds.minimum, number < least { return "at least \(JSONValue.number(least))" }
        if let most = bounds.maximum, number > most { return "at most \(JSONValue.number(most))" }
        if let low = bounds.exclusiveMinimum, number <= low { return "greater than \(JSONValue.number(low))" }
        if let high = bounds.exclusiveMaximum, number >= high { return "less than \(JSONValue.number(high))" }
        if let step = bounds.multipleOf {
            let count = number / step
            // Steps such as 0.01 are not exact in binary.
            let tolerance = 1e-9 * max(1, abs(count))
            if !count.isFinite || abs(count - count.rounded()) > tolerance {
                return "a multiple of \(JSONValue.number(step))"
            }
        }
        return nil
    }

    private static func count(_ range: ClosedRange<Int>) -> String {
        range.upperBound == 1 << 30
            ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
    }

    private static func has(_ value: JSONValue, type: String) -> Bool {
        switch type {
        case "object": value.members != nil
        case "array": value.array != nil
        case "string": value.string != nil
        case "number": value.number != nil
        case "integer": value.double.map { $0 == $0.rounded(.towardZero) } ?? false
        case "boolean": value.boolean != nil
        default: value.isNull
        }
    }
}
