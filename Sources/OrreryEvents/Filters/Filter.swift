import OrreryDocuments
import OrreryQuery

/// A subscription's filter, compiled once and asked for every event of its topic.
public struct Filter: Sendable {
    /// What it was compiled from.
    public let definition: FilterDefinition
    /// The schema of the topic's events.
    public let schema: EventSchema

    /// UTF-8 of the types it is limited to; nil for every type.
    let eventTypes: Set<[UInt8]>?
    let subject: SubjectFilter
    let tests: [AdvancedFilterTest]
    private let expression: CESQLExpression?
    private let condition: PreparedQuery?

    /// Compiles a filter for the events of a topic, or says what is wrong with it.
    public init(_ definition: FilterDefinition, schema: EventSchema) throws(EventError) {
        try definition.checkLimits()
        self.definition = definition
        self.schema = schema
        eventTypes = definition.eventTypes.map { Set($0.map { Array($0.utf8) }) }
        subject = SubjectFilter(
            prefix: definition.subjectBeginsWith, suffix: definition.subjectEndsWith,
            isCaseSensitive: definition.isSubjectCaseSensitive)
        var tests: [AdvancedFilterTest] = []
        for filter in definition.advancedFilters {
            tests.append(
                try AdvancedFilterTest(
                    filter, schema: schema, looksIntoArrays: definition.enableAdvancedFilteringOnArrays))
        }
        self.tests = tests
        expression = try definition.cesql.map { text throws(EventError) in try Self.expression(text) }
        condition = try definition.sqlCondition.map { text throws(EventError) in try Self.prepared(text) }
    }

    /// Whether the subscription is to have the event.
    public func matches(_ candidate: inout EventCandidate) -> Bool {
        if let eventTypes, !eventTypes.contains(candidate.type) { return false }
        return matchesBeyondType(&candidate)
    }

    /// Whether the event, whose type is known to be one of the filter's, passes all else.
    func matchesBeyondType(_ candidate: inout EventCandidate) -> Bool {
        if !subject.isEmpty {
            let text = candidate.event.subject ?? ""
            guard subject.beginsRight(text), subject.endsRight(text) else { return false }
        }
        for test in tests where !test.passes(&candidate) { return false }
        if let expression, !expression.holds(candidate.event) { return false }
        return condition == nil || passesCondition(&candidate)
    }

    /// What keeps the event from the subscription: the first part of the filter that does not hold; nil where all do.
    public func mismatch(_ candidate: inout EventCandidate) -> FilterMismatch? {
        if let eventTypes, !eventTypes.contains(candidate.type) {
            return FilterMismatch("includedEventTypes", "the type '\(candidate.event.type)' is not among them")
        }
        let text = candidate.event.subject ?? ""
        if !subject.beginsRight(text) {
            return FilterMismatch("subjectBeginsWith", "the subject '\(text)' does not begin with '\(subject.prefix)'")
        }
        if !subject.endsRight(text) {
            return FilterMismatch("subjectEndsWith", "the subject '\(text)' does not end with '\(subject.suffix)'")
        }
        for (position, test) in tests.enumerated() where !test.passes(&candidate) {
            let name = test.definition.operatorType.rawValue
            return FilterMismatch("advancedFilters[\(position)]", "\(name): \(test.reason(&candidate))")
        }
        if let expression, !expression.holds(candidate.event) {
            let error = expression.evaluate(candidate.event).error
            return FilterMismatch("cesql", error.map { "it failed: \($0.rawValue)" } ?? "the expression is not true")
        }
        if condition != nil, !passesCondition(&candidate) {
            return FilterMismatch("where", "the condition does not hold")
        }
        return nil
    }

    private func passesCondition(_ candidate: inout EventCandidate) -> Bool {
        guard let condition, let document = candidate.document(in: schema) else { return false }
        var source = DocumentList([document])
        var options = QueryPageOptions(sign: { _ in [] })
        options.rowCountMax = 1
        // A condition that cannot be evaluated holds for no event, as in a query.
        guard let page = try? condition.page(over: &source, options: options) else { return false }
        return page.rowCount > 0
    }

    private static func expression(_ text: String) throws(EventError) -> CESQLExpression {
        let expression: CESQLExpression
        do throws(CESQLSyntaxError) {
            expression = try CESQLExpression(text)
        } catch {
            throw EventError(.badRequest, "The filter's CESQL expression is refused: \(error).")
        }
        if let name = expression.unknownFunctions.first {
            throw EventError(
                .badRequest,
                "The filter's CESQL expression calls \(name.prefix(64)), which does not take these arguments.")
        }
        return expression
    }

    /// Takes `c.data.n > 1`, `WHERE c.data.n > 1` and `FROM c WHERE c.data.n > 1`.
    private static func prepared(_ text: String) throws(EventError) -> PreparedQuery {
        let word = text.utf8.drop { $0 <= 0x20 }.prefix { ASCIICase.lower($0) >= 0x61 && ASCIICase.lower($0) <= 0x7A }
        let statement =
            switch String(decoding: word.map(ASCIICase.lower), as: UTF8.self) {
            case "from": text
            case "where": "FROM c " + text
            default: "FROM c WHERE " + text
            }
        do throws(QueryError) {
            return try Query(condition: Array(statement.utf8)).prepared()
        } catch {
            throw EventError(.badRequest, "The filter's condition is refused: \(error.message)")
        }
    }
}

/// Why a filter does not let an event pass.
public struct FilterMismatch: Sendable, Equatable {
    /// The part of the filter, as it is named in its definition: `advancedFilters[2]`.
    public let part: String
    /// What is so about the event, in words.
    public let reason: String

    init(_ part: String, _ reason: String) {
        self.part = part
        self.reason = reason
    }
}
