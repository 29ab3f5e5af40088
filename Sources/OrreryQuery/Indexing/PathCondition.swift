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

/// An end of a range of values.
public struct PathBound: Sendable, Hashable {
    public let value: PathValue
    /// Whether the range ends beside the value rather than with it.
    public let isOpen: Bool

    static func closed(_ value: PathValue) -> PathBound { PathBound(value: value, isOpen: false) }
    static func open(_ value: PathValue) -> PathBound { PathBound(value: value, isOpen: true) }
}

/// What must hold of a document's paths for a query's filter to be true: what an index can look up.
///
/// It is necessary and not sufficient. Documents found by it are still put through the filter, so it may leave out
/// whatever an index cannot tell.
public indirect enum PathCondition: Sendable, Hashable {
    /// The path has this value.
    case equal(DocumentPath, PathValue)
    /// The path has a value within these bounds, both of one type; nil stands for the type's own.
    case between(DocumentPath, PathBound?, PathBound?)
    /// The path has a string that begins with this one.
    case beginsWith(DocumentPath, String)
    /// The path has a value.
    case isDefined(DocumentPath)
    /// The path has a value that is none of these, which an index tells from every other.
    case noneOf(DocumentPath, [PathValue])
    case all([PathCondition])
    case any([PathCondition])
}

extension PathCondition {
    /// The parts of an AND with what they say of one path in one range: looked up by themselves, `a >= 5` and `a < 8`
    /// may each name nearly all there is.
    static func meeting(_ parts: [PathCondition]) -> [PathCondition] {
        guard parts.count > 1 else { return parts }
        var met: [PathCondition] = []
        // By their paths: a filter may have many thousand parts, too many to try each with each.
        var places: [DocumentPath: Int] = [:]
        for part in parts {
            guard case .between(let path, _, _) = part else {
                met.append(part)
                continue
            }
            if let place = places[path], let both = met[place].meet(part) {
                met[place] = both
            } else {
                places[path] = met.count
                met.append(part)
            }
        }
        return met
    }

    /// Both as one; nil where they are not ranges of one type and path. A path through elements has several values, of
    /// which one may be in this range and one in the other.
    private func meet(_ other: PathCondition) -> PathCondition? {
        guard case .between(let path, let lower, let upper) = self,
            case .between(path, let otherLower, let otherUpper) = other, !path.steps.contains(.element),
            let bound = lower ?? upper, let otherBound = otherLower ?? otherUpper,
            bound.value.order(to: otherBound.value) != nil
        else { return nil }
        return .between(
            path, PathBound.tighter(lower, otherLower, order: -1), PathBound.tighter(upper, otherUpper, order: 1))
    }
}

extension PathBound {
    /// The one of two bounds that leaves less.
    /// - Parameter order: how a bound that leaves more sorts beside the other: -1 for lower ones, 1 for upper ones.
    fileprivate static func tighter(_ left: PathBound?, _ right: PathBound?, order: Int) -> PathBound? {
        guard let left, let right else { return left ?? right }
        return switch left.value.order(to: right.value) ?? 0 {
        case order: right
        case -order: left
        default: left.isOpen ? left : right
        }
    }
}

extension PathValue {
    /// How it sorts beside another of its type: -1 before it, 1 behind it; nil where types differ or have no order.
    fileprivate func order(to other: PathValue) -> Int? {
        switch (self, other) {
        case (.boolean(let left), .boolean(let right)): left == right ? 0 : right ? -1 : 1
        case (.number(let left), .number(let right)): left < right ? -1 : left > right ? 1 : 0
        case (.string(let left), .string(let right)):
            left.utf8.lexicographicallyPrecedes(right.utf8)
                ? -1 : right.utf8.lexicographicallyPrecedes(left.utf8) ? 1 : 0
        default: nil
        }
    }
}
