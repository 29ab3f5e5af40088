import OrreryKeys

/// What a condition says of the values at the partition key's paths: a union of boxes, each a choice of values per
/// path. No box at all means that the condition is never true.
struct PartitionKeyConstraint {
    /// The distinct values possible at one path; nil is any.
    typealias Component = [PartitionKeyValue]?

    let boxes: [[Component]]
    private let pathCount: Int

    /// Past these sizes a constraint is widened: a long list of keys is cheaper to filter than to route.
    private static let boxCountMax = 512
    private static let comparisonCountMax = 200_000
    static let keyCountMax = 4096

    private init(boxes: [[Component]], pathCount: Int) {
        self.pathCount = pathCount
        self.boxes = boxes
    }

    static func anything(_ pathCount: Int) -> PartitionKeyConstraint {
        PartitionKeyConstraint(boxes: [Array(repeating: nil, count: pathCount)], pathCount: pathCount)
    }

    static func nothing(_ pathCount: Int) -> PartitionKeyConstraint {
        PartitionKeyConstraint(boxes: [], pathCount: pathCount)
    }

    static func values(_ values: [PartitionKeyValue], at path: Int, of pathCount: Int) -> PartitionKeyConstraint {
        guard values.count <= keyCountMax else { return .anything(pathCount) }
        if values.isEmpty { return .nothing(pathCount) }
        var box = [Component](repeating: nil, count: pathCount)
        box[path] = distinct(values)
        return PartitionKeyConstraint(boxes: [box], pathCount: pathCount)
    }

    private var isAnything: Bool {
        boxes.contains { $0.allSatisfy { $0 == nil } }
    }

    // MARK: Combining

    /// What holds when all of several conditions do.
    func and(_ other: PartitionKeyConstraint) -> PartitionKeyConstraint {
        if isAnything { return other }
        if other.isAnything { return self }
        let cost = boxes.count * other.size + other.boxes.count * size
        // One side alone is true as well, only less exact.
        guard cost <= Self.comparisonCountMax else { return size <= other.size ? self : other }
        var result: [[Component]] = []
        for a in boxes {
            for b in other.boxes {
                if let box = Self.intersection(a, b) { result.append(box) }
            }
        }
        guard result.count <= Self.boxCountMax else { return size <= other.size ? self : other }
        return PartitionKeyConstraint(boxes: result, pathCount: pathCount)
    }

    /// What holds when one of several conditions does.
    static func any(_ constraints: [PartitionKeyConstraint], _ pathCount: Int) -> PartitionKeyConstraint {
        if constraints.contains(where: \.isAnything) { return .anything(pathCount) }
        let boxes = constraints.flatMap(\.boxes)
        // On one path the boxes of a union are one.
        if pathCount == 1 { return .values(boxes.flatMap { $0[0] ?? [] }, at: 0, of: 1) }
        return boxes.count > boxCountMax
            ? .anything(pathCount) : PartitionKeyConstraint(boxes: boxes, pathCount: pathCount)
    }

    /// How many boxes and values there are.
    private var size: Int {
        boxes.reduce(0) { size, box in size + 1 + box.reduce(0) { $0 + ($1?.count ?? 0) } }
    }

    private static func intersection(_ a: [Component], _ b: [Component]) -> [Component]? {
        var box: [Component] = []
        for (x, y) in zip(a, b) {
            guard let x, let y else {
                box.append(x ?? y)
                continue
            }
            let wanted = Set(y.map(identity))
            let both = x.filter { wanted.contains(identity($0)) }
            guard !both.isEmpty else { return nil }
            box.append(both)
        }
        return box
    }

    /// The values without repetitions, in their order.
    private static func distinct(_ values: [PartitionKeyValue]) -> [PartitionKeyValue] {
        var seen: Set<[UInt8]> = []
        return values.filter { seen.insert(identity($0)).inserted }
    }

    /// Bytes that are equal when values are.
    private static func identity(_ value: PartitionKeyValue) -> [UInt8] {
        PartitionKey([value]).canonicalBytes
    }

    // MARK: Keys

    /// The keys, or prefixes of them where the definition is hierarchical.
    func keySet(isHierarchical: Bool) -> PartitionKeySet {
        var keys: [PartitionKey] = []
        var seen: Set<[UInt8]> = []
        for box in boxes {
            let known = Array(box.prefix { $0 != nil }.compactMap { $0 })
            guard !known.isEmpty, isHierarchical || known.count == box.count else { return .all }
            var count = 1
            for values in known { count = count > Self.keyCountMax ? count : count * values.count }
            guard count <= Self.keyCountMax else { return .all }
            var product: [[PartitionKeyValue]] = [[]]
            for values in known { product = product.flatMap { head in values.map { head + [$0] } } }
            for key in product.map(PartitionKey.init) where seen.insert(key.canonicalBytes).inserted {
                keys.append(key)
            }
            guard keys.count <= Self.keyCountMax else { return .all }
        }
        return PartitionKeySet(keys: keys)
    }
}
