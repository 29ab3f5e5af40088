/// A condition or computation over an event's attributes, in the language of CloudEvents (CloudEvents SQL 1.0.0).
///
/// Attributes of events in Event Grid's schema have the names of CloudEvents here: `type`, `source` for the topic,
/// `time`. The data cannot be reached; a condition in the query language can.
public struct CESQLExpression: Sendable {
    let root: CESQLNode
    /// The functions it calls that there are not, with the wrong number of arguments or at all.
    public let unknownFunctions: [String]

    /// Parses a text.
    public init(_ text: String) throws(CESQLSyntaxError) {
        var parser = try CESQLParser(text)
        root = try parser.parse()
        unknownFunctions = parser.unknownFunctions
    }

    /// The expression's value for an event. There always is one; where something went wrong on the way, the first
    /// error stands beside it.
    public func evaluate(_ event: Event) -> CESQLOutcome {
        CESQLEvaluator(event: event).evaluate(root)
    }

    /// Whether the expression is true of an event, without any error.
    public func holds(_ event: Event) -> Bool {
        let outcome = evaluate(event)
        return outcome.error == nil && outcome.value == .boolean(true)
    }
}

/// A value of the language.
public enum CESQLValue: Sendable, Equatable {
    case string(String)
    case integer(Int32)
    case boolean(Bool)

    /// Strings are equal by their UTF-8.
    public static func == (left: CESQLValue, right: CESQLValue) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.integer(let left), .integer(let right)): left == right
        case (.boolean(let left), .boolean(let right)): left == right
        default: false
        }
    }
}

/// What came of an evaluation.
public struct CESQLOutcome: Sendable, Equatable {
    /// What can go wrong (specification, section 3.3).
    public enum Fault: String, Sendable {
        /// A value could not be made one of the type that an operator or function takes.
        case cast
        /// A division by zero, or a number beyond 32 bits.
        case math
        /// The event lacks an attribute.
        case missingAttribute
        /// There is no function of the name that takes so many arguments.
        case missingFunction
        /// A function cannot do anything with its arguments.
        case functionEvaluation
    }

    public var value: CESQLValue
    /// The first thing that went wrong; nil where nothing did.
    public var error: Fault?

    init(_ value: CESQLValue, _ error: Fault? = nil) {
        self.value = value
        self.error = error
    }
}

/// Why a text is no expression, and where.
public struct CESQLSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One English phrase.
    public let reason: String
    /// Bytes from the start of the text.
    public let offset: Int

    public var description: String { "\(reason) at byte \(offset)" }
}
