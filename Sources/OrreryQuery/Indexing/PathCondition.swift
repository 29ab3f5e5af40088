/// A path in a document: property names, and the elements of arrays.
public struct DocumentPath: Sendable, Hashable {
    public enum Step: Sendable, Hashable {
        /// A property, by its name in UTF-8.
        case property([UInt8])
        /// Any element of an array.
        case element
    }

    public var steps: [Step]

    public init(_ steps: [Step] = []) {
        self.steps = steps
    }

    func appending(_ step: Step) -> DocumentPath {
        DocumentPath(steps + [step])
    }
}

/// A constant that a path is compared with. Of arrays and objects an index knows only that they are there.
public enum PathValue: Sendable, Hashable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array
    case object

    /// Nil for undefined, which equals nothing.
    init?(_ value: Value) {
        switch value.kind {
        case .undefined: return nil
        case .null: self = .null
        case .boolean: self = .boolean(value.isTrue)
        case .number: self = .number(value.double ?? 0)
        case .string: self = .string(value.string ?? "")
        case .array: self = .array
        case .object: self = .object
        }
    }
}

/// What must hold of a document's paths for a query's filter to be true: what an index can look up.
///
/// It is necessary and not sufficient. Documents found by it are still put through the filter, so it may leave out
/// whatever an index cannot tell.
public indirect enum PathCondition: Sendable, Hashable {
    /// The path has this value.
    case equal(DocumentPath, PathValue)
    /// The path has a value from the first to the last, both of one type; nil stands for the type's own bound.
    case between(DocumentPath, PathValue?, PathValue?)
    /// The path has a string that begins with this one.
    case beginsWith(DocumentPath, String)
    /// The path has a value.
    case isDefined(DocumentPath)
    /// The path has a value that is none of these, which an index tells from every other.
    case noneOf(DocumentPath, [PathValue])
    case all([PathCondition])
    case any([PathCondition])
}
