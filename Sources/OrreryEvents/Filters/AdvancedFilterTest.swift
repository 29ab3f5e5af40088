import OrreryDocuments

/// An advanced filter made ready to be asked many times.
///
/// A value of another type than the operator's counts as missing (numbers for `StringIn`, text for `NumberIn`), as does
/// an explicit null: only `NumberNotIn`, `StringNotIn` and `IsNullOrUndefined` pass then.
struct AdvancedFilterTest: Sendable {
    private enum Comparison: Sendable {
        case numberIn([Double])
        case numberBelow(Double, orEqual: Bool)
        case numberAbove(Double, orEqual: Bool)
        case numberInRange([ClosedRange<Double>])
        case boolean(Bool)
        case text([FoldedText], FoldedText.Place)
        /// Whether there is a value at all.
        case presence
    }

    /// What came of looking at one value.
    private enum Finding {
        case hit, miss
        /// Missing, null, or of another type.
        case absent
    }

    let definition: AdvancedFilter
    let key: FilterKey
    private let comparison: Comparison
    private let looksIntoArrays: Bool

    init(_ definition: AdvancedFilter, schema: EventSchema, looksIntoArrays: Bool) throws(EventError) {
        self.definition = definition
        self.looksIntoArrays = looksIntoArrays
        key = try FilterKey(definition.key, schema: schema)
        guard let comparison = Self.comparison(definition) else {
            throw EventError(
                .badRequest, "The advanced filter \(definition.operatorType.rawValue) does not take these values.")
        }
        self.comparison = comparison
    }

    private static func comparison(_ filter: AdvancedFilter) -> Comparison? {
        switch (filter.operatorType, filter.operand) {
        case (.numberIn, .numbers(let values)), (.numberNotIn, .numbers(let values)): .numberIn(values)
        case (.numberLessThan, .number(let value)): .numberBelow(value, orEqual: false)
        case (.numberLessThanOrEquals, .number(let value)): .numberBelow(value, orEqual: true)
        case (.numberGreaterThan, .number(let value)): .numberAbove(value, orEqual: false)
        case (.numberGreaterThanOrEquals, .number(let value)): .numberAbove(value, orEqual: true)
        case (.numberInRange, .ranges(let ranges)), (.numberNotInRange, .ranges(let ranges)): .numberInRange(ranges)
        case (.boolEquals, .boolean(let flag)): .boolean(flag)
        case (.isNullOrUndefined, .none), (.isNotNull, .none): .presence
        case (let type, .strings(let values)): place(type).map { .text(values.map { FoldedText($0) }, $0) }
        default: nil
        }
    }

    private static func place(_ type: FilterOperator) -> FoldedText.Place? {
        switch type {
        case .stringIn, .stringNotIn: .whole
        case .stringBeginsWith, .stringNotBeginsWith: .start
        case .stringEndsWith, .stringNotEndsWith: .end
        case .stringContains, .stringNotContains: .anywhere
        default: nil
        }
    }

    /// For a test that only certain values pass: their hashes, among which a passing value's is. Nil for other tests.
    var valueHashes: [UInt64]? {
        switch (definition.operatorType, definition.operand) {
        case (.numberIn, .numbers(let values)): values.map { FoldedHash.of($0) }
        case (.stringIn, .strings(let values)) where values.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }:
            values.map { FoldedHash.of($0.utf8.span) }
        default: nil
        }
    }

    // MARK: The event's value

    /// Whether the event passes.
    func passes(_ candidate: inout EventCandidate) -> Bool {
        switch key {
        case .data:
            guard let node = key.node(of: &candidate) else { return passes(.absent) }
            return passes(node)
        case .extensionAttribute(let name):
            switch candidate.event[extension: name] {
            case nil: return passes(.absent)
            case .string(let text): return passes(finding(text: text.utf8.span))
            case .integer(let number): return passes(finding(number: Double(number)))
            case .boolean(let flag): return passes(finding(flag: flag))
            }
        default:
            guard let text = key.attribute(of: candidate.event) else { return passes(.absent) }
            return passes(finding(text: text.utf8.span))
        }
    }

    /// Why an event that does not pass does not.
    func reason(_ candidate: inout EventCandidate) -> String {
        guard let text = shownValue(&candidate) else { return "'\(definition.key)' is missing" }
        return "'\(definition.key)' is \(text)"
    }

    private func shownValue(_ candidate: inout EventCandidate) -> String? {
        let text: String
        switch key {
        case .data:
            guard let node = key.node(of: &candidate) else { return nil }
            if node.kind == .array, !looksIntoArrays { return "an array, and filtering on arrays is not enabled" }
            text = String(decoding: node.text, as: UTF8.self)
        case .extensionAttribute(let name):
            guard let value = candidate.event.extensions.first(where: { $0.name == name }) else { return nil }
            text = value.text
        default:
            guard let value = key.attribute(of: candidate.event) else { return nil }
            text = JSONValue.string(value).description
        }
        return text.utf8.count <= 200 ? text : String(text.prefix(200)) + "…"
    }

    private func passes(_ node: JSONNode) -> Bool {
        guard node.kind == .array else { return passes(finding(node)) }
        if case .presence = comparison { return passes(.miss) }
        guard looksIntoArrays else { return false }
        for element in node.elements where finding(element) == .hit { return !definition.operatorType.isNegated }
        return definition.operatorType.isNegated
    }

    private func passes(_ finding: Finding) -> Bool {
        let type = definition.operatorType
        return switch finding {
        case .absent: type.acceptsMissing
        case .hit: !type.isNegated
        case .miss: type.isNegated
        }
    }

    // MARK: Comparisons

    private func finding(_ node: JSONNode) -> Finding {
        switch node.kind {
        case .null: .absent
        case .boolean: finding(flag: node.boolean ?? false)
        case .number: node.double.map { finding(number: $0) } ?? .absent
        case .string: node.withStringUTF8 { finding(text: $0) } ?? .absent
        case .array, .object: isPresenceTest ? .miss : .absent
        }
    }

    private var isPresenceTest: Bool {
        if case .presence = comparison { return true }
        return false
    }

    private func finding(text: Span<UInt8>) -> Finding {
        switch comparison {
        case .presence: return .miss
        case .text(let values, let place):
            for value in values where value.stands(at: place, of: text) { return .hit }
            return .miss
        default: return .absent
        }
    }

    private func finding(number: Double) -> Finding {
        switch comparison {
        case .presence: .miss
        case .numberIn(let values): values.contains(number) ? .hit : .miss
        case .numberBelow(let limit, let orEqual): number < limit || (orEqual && number == limit) ? .hit : .miss
        case .numberAbove(let limit, let orEqual): number > limit || (orEqual && number == limit) ? .hit : .miss
        case .numberInRange(let ranges): ranges.contains { $0.contains(number) } ? .hit : .miss
        default: .absent
        }
    }

    private func finding(flag: Bool) -> Finding {
        switch comparison {
        case .presence: .miss
        case .boolean(let wanted): flag == wanted ? .hit : .miss
        default: .absent
        }
    }
}
