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
    private let condition: DocumentCondition?

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
        condition = try definition.sqlCondition.map { text throws(EventError) in try Self.condition(text) }
    }

    /// Whether the subscription is to have the event.
    /// - Parameter undecided: hears why the condition could not be asked to its end. The subscription has the event
    ///   then: none is lost for want of time.
    public func matches(_ candidate: inout EventCandidate, undecided: (_ reason: String) -> Void) -> Bool {
        if let eventTypes, !eventTypes.contains(candidate.type) { return false }
        return matchesBeyondType(&candidate, undecided: undecided)
    }

    /// Whether the event, whose type is known to be one of the filter's, passes all else.
    func matchesBeyondType(_ candidate: inout EventCandidate, undecided: (_ reason: String) -> Void) -> Bool {
        if !subject.isEmpty {
            let text = candidate.event.subject ?? ""
            guard subject.beginsRight(text), subject.endsRight(text) else { return false }
        }
        for test in tests where !test.passes(&candidate) { return false }
        if let expression, !expression.holds(candidate.event) { return false }
        return passesCondition(&candidate, undecided: undecided)
    }

    /// What keeps the event from the subscription: the first part of the filter that does not hold; nil where all do.
    /// - Parameter undecided: see ``matches(_:undecided:)``.
    public func mismatch(
        _ candidate: inout EventCandidate, undecided: (_ reason: String) -> Void
    ) -> FilterMismatch? {
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
        if !passesCondition(&candidate, undecided: undecided) {
            return FilterMismatch("where", "the condition does not hold")
        }
        return nil
    }

    private func passesCondition(_ candidate: inout EventCandidate, undecided: (_ reason: String) -> Void) -> Bool {
        guard let condition else { return true }
        guard let document = candidate.document(in: schema) else {
            undecided("The event is too large, or its data is nested too deep.")
            return true
        }
        do throws(QueryError) {
            return try condition.matches(document)
        } catch {
            undecided(error.message)
            return true
        }
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
    private static func condition(_ text: String) throws(EventError) -> DocumentCondition {
        let word = text.utf8.drop { $0 <= 0x20 }.prefix { ASCIICase.lower($0) >= 0x61 && ASCIICase.lower($0) <= 0x7A }
        let statement =
            switch String(decoding: word.map(ASCIICase.lower), as: UTF8.self) {
            case "from": text
            case "where": "FROM c " + text
            default: "FROM c WHERE " + text
            }
        do throws(QueryError) {
            return try DocumentCondition(Array(statement.utf8), limits: .filter)
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
