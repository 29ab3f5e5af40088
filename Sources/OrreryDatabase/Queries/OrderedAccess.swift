internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryQuery

/// An index that a query's order can be read from, and the part of it to read.
struct OrderedAccess {
    let index: OrderedIndex
    /// The places to walk; nil for none but the items that lack the path.
    let values: ClosedRange<IndexValue>?
    /// Whether the index is walked from its end.
    let isReversed: Bool
    let includesMissing: Bool
    /// Where the page begins, when it goes on: items here up to this number were returned before.
    var resume: (value: IndexValue?, resourceNumber: UInt64)?
    /// Whether all the filter says of paths is in ``values`` already.
    let coversCondition: Bool

    /// Whether all items that the walk comes to satisfy what the planner was given of the filter: it says nothing but a
    /// range of the one path that is walked.
    var decidesFilter: Bool {
        guard case .path = index else { return false }
        return coversCondition
    }

    /// What the walk comes to, as a condition of its own; nil for nothing.
    var condition: IndexCondition? {
        values.map { values in
            switch index {
            case .path(let path): .range(path, values)
            case .composite(let composite): .composite(composite, values)
            }
        }
    }

    /// The index and the way it is walked, as people read it.
    func text(_ order: [IndexDemand.OrderItem]) -> String {
        let name = switch index {
        case .path: order.first?.path.policyText ?? ""
        case .composite(let composite): composite.pathTexts.joined(separator: ", ")
        }
        return isReversed ? name + " from its end" : name
    }
}

/// Finds the index that serves a query's order: a composite index, or the path's own.
struct OrderPlanner {
    private let order: [IndexDemand.OrderItem]
    private let selection: IndexSelection
    /// Where the rows behind a continuation begin.
    private let resume: (places: [OrderPlace], resourceNumber: UInt64?)?

    /// What the filter says of each path under its ANDs.
    private let parts: [PathCondition]

    /// - Parameter order: the demand's own, one item at least.
    init(
        _ demand: borrowing IndexDemand, _ order: [IndexDemand.OrderItem], _ selection: IndexSelection,
        resume: (places: [OrderPlace], resourceNumber: UInt64?)?
    ) {
        self.order = order
        self.selection = selection
        self.resume = resume
        // Where the index decides the filter the walk is bounded by exactly that.
        parts = (demand.isOrderVerbatim ? demand.exactCondition : demand.condition)?.conjuncts ?? []
    }

    /// The composite index with the properties of an ORDER BY in its directions, or all of them turned round: what the
    /// service asks for (features and limits, "Indexing policy").
    static func hasComposite(for order: [IndexDemand.OrderItem], in composites: [CompositeIndex]) -> Bool {
        composites.contains { composite in
            composite.parts.count == order.count
                && direction(of: composite.parts[...], for: order[...]) != nil
        }
    }

    /// Nil where no index serves the order.
    func access() -> OrderedAccess? {
        if order.count == 1, selection.composites.isEmpty { return pathAccess() }
        let composites = selection.composites.compactMap { composite in
            fixedParts(of: composite).map { (composite, $0) }
        }
        // The one that the filter narrows most; of none that it narrows, the path's own index goes before.
        if let (composite, fixed) = composites.max(by: { $0.1.count < $1.1.count }),
            !fixed.isEmpty || order.count > 1 {
            return compositeAccess(composite, fixed: fixed)
        }
        return order.count == 1 ? pathAccess() : nil
    }

    // MARK: One path

    private func pathAccess() -> OrderedAccess? {
        guard let item = order.first, let path = IndexPath(item.path), selection.covers(path) else { return nil }
        var values: ClosedRange<IndexValue>? = .first...(.last)
        var ownCount = 0
        for part in parts {
            guard let range = part.range(on: item.path) else { continue }
            values = ownCount == 0 ? range : values?.meet(range)
            ownCount += 1
        }
        let includesMissing = ownCount == 0
        var includesMissingStill = includesMissing
        var resumeValue: IndexValue?
        if let place = resume?.places.first {
            resumeValue = IndexValue(place, atEnd: item.isDescending)
            if let resumeValue {
                let rest = item.isDescending ? .first...resumeValue : resumeValue...(.last)
                values = values?.meet(rest)
                if !item.isDescending { includesMissingStill = false }
            } else if item.isDescending {
                values = nil
            }
        }
        if values == nil, !includesMissing { return Self.nothing(.path(path), item.isDescending) }
        return OrderedAccess(
            index: .path(path), values: values, isReversed: item.isDescending,
            includesMissing: includesMissingStill,
            resume: resume?.resourceNumber.map { (resumeValue, $0) }, coversCondition: ownCount == parts.count)
    }

    private static func nothing(_ index: OrderedIndex, _ isReversed: Bool) -> OrderedAccess {
        OrderedAccess(
            index: index, values: nil, isReversed: isReversed, includesMissing: false, coversCondition: true)
    }

    // MARK: Several

    /// The leading properties of a composite index that the filter holds to one value, behind which the order's
    /// properties stand; nil where the order cannot be read from it.
    private func fixedParts(of composite: CompositeIndex) -> [IndexComponent]? {
        var fixed: [IndexComponent] = []
        for part in composite.parts {
            let rest = composite.parts[fixed.count...]
            if rest.count == order.count, Self.direction(of: rest, for: order[...]) != nil {
                return fixed
            }
            guard let value = equality(on: part.path) else { return nil }
            fixed.append(value)
        }
        return nil
    }

    private func equality(on path: IndexPath) -> IndexComponent? {
        for case .equal(let each, let value) in parts where IndexPath(each) == path { return IndexComponent(value) }
        return nil
    }

    /// Whether the parts are to be read from the end; nil where they do not give the order either way.
    private static func direction(
        of parts: ArraySlice<CompositeIndex.Part>, for order: ArraySlice<IndexDemand.OrderItem>
    ) -> Bool? {
        guard let part = parts.first, let item = order.first else { return nil }
        let isReversed = part.isDescending != item.isDescending
        let isSame = zip(parts, order).allSatisfy { part, item in
            part.path == IndexPath(item.path) && (part.isDescending != item.isDescending) == isReversed
        }
        return isSame ? isReversed : nil
    }

    private func compositeAccess(_ composite: CompositeIndex, fixed: [IndexComponent]) -> OrderedAccess? {
        let rest = composite.parts[fixed.count...]
        guard let isReversed = Self.direction(of: rest, for: order[...]) else { return nil }
        var (values, usedCount) = narrowed(composite, fixed: fixed)
        var resumeValue: IndexValue?
        if let places = resume?.places, !places.isEmpty {
            let components = fixed + places.map(IndexComponent.init)
            let place = isReversed ? composite.last(at: components) : composite.first(at: components)
            resumeValue = place
            values = values?.meet(isReversed ? .first...place : place...(.last))
        }
        guard let values else { return Self.nothing(.composite(composite), isReversed) }
        return OrderedAccess(
            index: .composite(composite), values: values, isReversed: isReversed, includesMissing: false,
            resume: resume?.resourceNumber.map { (resumeValue, $0) }, coversCondition: usedCount == parts.count)
    }

    /// The places that the filter leaves, and how many of its conditions say no more than that.
    private func narrowed(
        _ composite: CompositeIndex, fixed: [IndexComponent]
    ) -> (values: ClosedRange<IndexValue>?, usedCount: Int) {
        var fixed = fixed
        var usedCount = fixed.count
        for part in composite.parts[fixed.count...] {
            if let value = equality(on: part.path) {
                fixed.append(value)
                usedCount += 1
                continue
            }
            var values: ClosedRange<IndexValue>? = composite.values(beginningWith: fixed)
            for condition in parts where condition.isAbout(part.path) {
                guard let (lower, upper) = condition.components else { continue }
                usedCount += 1
                values = values?.meet(
                    part.isDescending
                        ? composite.range(from: fixed + [upper], to: fixed + [lower])
                        : composite.range(from: fixed + [lower], to: fixed + [upper]))
            }
            return (values, usedCount)
        }
        return (composite.values(beginningWith: fixed), usedCount)
    }
}

extension ClosedRange where Bound == IndexValue {
    /// What both hold; nil where that is nothing.
    func meet(_ other: ClosedRange<IndexValue>) -> ClosedRange<IndexValue>? {
        let lower = Swift.max(lowerBound, other.lowerBound)
        let upper = Swift.min(upperBound, other.upperBound)
        return lower <= upper ? lower...upper : nil
    }
}

extension CompositeIndex {
    /// The places from the first of some leading values to the last of others; nothing where they are the wrong way
    /// round.
    func range(from lower: [IndexComponent], to upper: [IndexComponent]) -> ClosedRange<IndexValue> {
        let first = first(at: lower)
        return first...Swift.max(first, last(at: upper))
    }
}

extension PathCondition {
    /// The conditions under the ANDs at the top.
    var conjuncts: [PathCondition] {
        guard case .all(let parts) = self else { return [self] }
        return parts.contains { if case .all = $0 { true } else { false } } ? parts.flatMap(\.conjuncts) : parts
    }

    /// The one path that this is about.
    var path: DocumentPath? {
        switch self {
        case .equal(let path, _), .between(let path, _, _), .beginsWith(let path, _), .isDefined(let path),
            .noneOf(let path, _):
            path
        case .all, .any: nil
        }
    }

    func isAbout(_ path: IndexPath) -> Bool { self.path.map { IndexPath($0) == path } ?? false }

    /// The least and the greatest value that this allows, as parts of a composite index.
    var components: (lower: IndexComponent, upper: IndexComponent)? {
        switch self {
        case .equal(_, let value): return (IndexComponent(value), IndexComponent(value))
        case .between(_, let lower, let upper):
            guard let bound = lower ?? upper else { return nil }
            let first: IndexComponent
            let last: IndexComponent
            switch bound.value {
            case .number: (first, last) = (.number(-.infinity), .number(.infinity))
            case .string: (first, last) = (.string([]), .stringPrefix([]))
            case .boolean: (first, last) = (.boolean(false), .boolean(true))
            case .null, .array, .object: return nil
            }
            return (
                lower.map { IndexComponent($0, isLower: true) } ?? first,
                upper.map { IndexComponent($0, isLower: false) } ?? last
            )
        case .beginsWith(_, let prefix):
            return (.stringPrefix(Array(prefix.utf8)), .stringPrefix(Array(prefix.utf8)))
        case .isDefined, .noneOf, .all, .any: return nil
        }
    }
}

extension IndexComponent {
    /// The first value that a lower bound leaves, or the last that an upper one does; where that is no number it may be
    /// one that an open bound does not leave.
    init(_ bound: PathBound, isLower: Bool) {
        if bound.isOpen, case .number(let number) = bound.value {
            self = .number(isLower ? number.nextUp : number.nextDown)
        } else {
            self.init(bound.value)
        }
    }

    init(_ value: PathValue) {
        switch value {
        case .null: self = .null
        case .boolean(let flag): self = .boolean(flag)
        case .number(let number): self = .number(number)
        case .string(let text): self = .string(Array(text.utf8))
        case .array: self = .array
        case .object: self = .object
        }
    }

    init(_ place: OrderPlace) {
        switch place {
        case .undefined: self = .undefined
        case .null: self = .null
        case .boolean(let flag): self = .boolean(flag)
        case .number(let number): self = .number(number)
        case .string(let utf8): self = .string(utf8)
        case .stringPrefix(let utf8): self = .stringPrefix(utf8)
        case .array: self = .array
        case .object: self = .object
        }
    }
}

extension OrderPlace {
    init(_ component: IndexComponent) {
        switch component {
        case .undefined: self = .undefined
        case .null: self = .null
        case .boolean(let flag): self = .boolean(flag)
        case .number(let number): self = .number(number)
        case .string(let utf8): self = .string(utf8)
        case .stringPrefix(let utf8): self = .stringPrefix(utf8)
        case .array: self = .array
        case .object: self = .object
        }
    }
}

extension IndexValue {
    /// The place of a value in an order; nil for undefined, which has none.
    /// - Parameter atEnd: whether the last of several places is asked for.
    init?(_ place: OrderPlace, atEnd: Bool) {
        switch place {
        case .undefined: return nil
        case .null: self.init(PathValue.null)
        case .boolean(let flag): self.init(PathValue.boolean(flag))
        case .number(let number): self.init(number: number)
        case .string(let utf8): self.init(string: utf8)
        case .stringPrefix(let utf8):
            if atEnd { self.init(lastStringBeginningWith: utf8) } else { self.init(string: utf8) }
        case .array: self.init(PathValue.array)
        case .object: self.init(PathValue.object)
        }
    }
}
