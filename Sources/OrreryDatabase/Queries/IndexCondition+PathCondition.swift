internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryQuery

extension IndexCondition {
    /// What a query asks of paths, as the engine's index takes it; nil where it asks of the whole document, which has
    /// no path.
    init?(_ condition: PathCondition) {
        switch condition {
        case .equal(let path, _), .between(let path, _, _), .beginsWith(let path, _), .isDefined(let path):
            guard let path = IndexPath(path), let bounds = condition.bounds else { return nil }
            // A range that ends before it begins holds nothing.
            self = bounds.lower <= bounds.upper ? .range(path, bounds.lower...bounds.upper) : .any([])
        case .noneOf(let path, let values):
            guard let path = IndexPath(path) else { return nil }
            self = .noneOf(path, values.map(IndexValue.init))
        case .all(let parts):
            let conditions = parts.compactMap(IndexCondition.init)
            guard !conditions.isEmpty else { return nil }
            self = .all(conditions)
        case .any(let parts):
            var conditions: [IndexCondition] = []
            for part in parts {
                guard let condition = IndexCondition(part) else { return nil }
                conditions.append(condition)
            }
            self = .any(conditions)
        }
    }

    /// The same with what composite indexes tell of its ANDs: equalities first, then perhaps one range.
    init?(_ condition: PathCondition?, composites: [CompositeIndex]) {
        guard let condition else { return nil }
        let parts = condition.conjuncts
        let terms = composites.compactMap { composite in
            composite.narrowing(by: parts).map { IndexCondition.composite(composite, $0.values) }
        }
        if terms.isEmpty {
            self.init(condition)
        } else {
            self = .all(terms + (IndexCondition(condition).map { [$0] } ?? []))
        }
    }
}

extension PathCondition {
    /// The places of its path that this allows, perhaps none; nil where it is not about one path.
    fileprivate var bounds: (lower: IndexValue, upper: IndexValue)? {
        switch self {
        case .equal(_, let value):
            let place = IndexValue(value)
            return (place, place)
        case .between(_, let lower, let upper):
            guard let any = (lower ?? upper).map({ IndexValue($0.value) }) else { return nil }
            let first = lower.map { IndexValue($0.value) } ?? .first(ofTypeOf: any)
            let last = upper.map { IndexValue($0.value) } ?? .last(ofTypeOf: any)
            return (
                lower?.isOpen == true ? first.placeBehind : first, upper?.isOpen == true ? last.placeBefore : last
            )
        case .beginsWith(_, let prefix):
            let bytes = Array(prefix.utf8)
            return (IndexValue(string: bytes), IndexValue(lastStringBeginningWith: bytes))
        case .isDefined: return (.first, .last)
        case .noneOf, .all, .any: return nil
        }
    }

    /// The places of a path that this allows; nil where it speaks of anything else, or allows none.
    func range(on path: DocumentPath) -> ClosedRange<IndexValue>? {
        guard self.path == path, let bounds, bounds.lower <= bounds.upper else { return nil }
        return bounds.lower...bounds.upper
    }
}

extension CompositeIndex {
    /// The places that conditions leave of its leading properties, two at least, and how many; nil where they leave
    /// all places of a second one.
    func narrowing(by conditions: [PathCondition]) -> (values: ClosedRange<IndexValue>, count: Int)? {
        var fixed: [IndexComponent] = []
        for part in parts {
            let own = conditions.filter { $0.isAbout(part.path) }
            guard let components = own.first?.components else { break }
            if components.lower == components.upper, case .equal? = own.first {
                fixed.append(components.lower)
                continue
            }
            guard !fixed.isEmpty else { return nil }
            let (lower, upper) = part.isDescending
                ? (components.upper, components.lower) : (components.lower, components.upper)
            return (range(from: fixed + [lower], to: fixed + [upper]), fixed.count + 1)
        }
        return fixed.count >= 2 ? (values(beginningWith: fixed), fixed.count) : nil
    }
}

extension IndexPath {
    /// Nil for the document itself, which is indexed by its parts.
    init?(_ path: DocumentPath) {
        guard !path.steps.isEmpty else { return nil }
        self.init(
            path.steps.map { step -> IndexPath.Step in
                switch step {
                case .property(let name): .property(name)
                case .element: .element
                }
            })
    }
}

extension IndexValue {
    init(_ value: PathValue) {
        switch value {
        case .null: self.init(JSONValue.null)
        case .boolean(let flag): self.init(JSONValue.boolean(flag))
        case .number(let number): self.init(number: number)
        case .string(let text): self.init(string: Array(text.utf8))
        case .array: self.init(JSONValue.array([]))
        case .object: self.init(JSONValue.object([]))
        }
    }
}
