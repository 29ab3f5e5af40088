import OrreryKeys

/// What a condition says of the values at the partition key's paths: a union of boxes, each a choice of values per
/// path. No box at all means that the condition is never true.
struct PartitionKeyConstraint {
    /// The values possible at one path; nil is any.
    typealias Component = [PartitionKeyValue]?

    private(set) var boxes: [[Component]]
    private let pathCount: Int

    /// Past these sizes a constraint is widened to anything: a long list of keys is cheaper to filter than to route.
    private static let boxCountMax = 512
    static let keyCountMax = 4096

    private init(boxes: [[Component]], pathCount: Int) {
        self.pathCount = pathCount
        self.boxes = boxes.count > Self.boxCountMax ? [Array(repeating: nil, count: pathCount)] : boxes
    }

    static func anything(_ pathCount: Int) -> PartitionKeyConstraint {
        PartitionKeyConstraint(boxes: [Array(repeating: nil, count: pathCount)], pathCount: pathCount)
    }

    static func nothing(_ pathCount: Int) -> PartitionKeyConstraint {
        PartitionKeyConstraint(boxes: [], pathCount: pathCount)
    }

    static func values(_ values: [PartitionKeyValue], at path: Int, of pathCount: Int) -> PartitionKeyConstraint {
        var box = [Component](repeating: nil, count: pathCount)
        var distinct: [PartitionKeyValue] = []
        for value in values where !distinct.contains(value) { distinct.append(value) }
        box[path] = distinct
        return PartitionKeyConstraint(boxes: distinct.isEmpty ? [] : [box], pathCount: pathCount)
    }

    func and(_ other: PartitionKeyConstraint) -> PartitionKeyConstraint {
        // Widened before it is multiplied out.
        guard boxes.count * other.boxes.count <= Self.boxCountMax * 8 else { return .anything(pathCount) }
        var result: [[Component]] = []
        for a in boxes {
            for b in other.boxes {
                if let box = Self.intersection(a, b) { result.append(box) }
            }
        }
        return PartitionKeyConstraint(boxes: result, pathCount: pathCount)
    }

    func or(_ other: PartitionKeyConstraint) -> PartitionKeyConstraint {
        PartitionKeyConstraint(boxes: boxes + other.boxes, pathCount: pathCount)
    }

    private static func intersection(_ a: [Component], _ b: [Component]) -> [Component]? {
        var box: [Component] = []
        for (x, y) in zip(a, b) {
            guard let x, let y else {
                box.append(x ?? y)
                continue
            }
            let both = x.filter { y.contains($0) }
            guard !both.isEmpty else { return nil }
            box.append(both)
        }
        return box
    }

    /// The keys, or prefixes of them where the definition is hierarchical.
    func keySet(isHierarchical: Bool) -> PartitionKeySet {
        var keys: [PartitionKey] = []
        for box in boxes {
            let known = Array(box.prefix { $0 != nil }.compactMap { $0 })
            guard !known.isEmpty, isHierarchical || known.count == box.count else { return .all }
            var count = 1
            for values in known { count = count > Self.keyCountMax ? count : count * values.count }
            guard count <= Self.keyCountMax else { return .all }
            var product: [[PartitionKeyValue]] = [[]]
            for values in known { product = product.flatMap { head in values.map { head + [$0] } } }
            for values in product where !keys.contains(PartitionKey(values)) { keys.append(PartitionKey(values)) }
            guard keys.count <= Self.keyCountMax else { return .all }
        }
        return PartitionKeySet(keys: keys)
    }
}
