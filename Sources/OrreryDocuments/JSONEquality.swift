/// Deep equality: numbers as IEEE doubles, strings by UTF-8, arrays in order, objects whatever the order of members.
/// It holds exactly where `JSONOrder.compare` says `same`, and is quicker.
public func deepEqual(_ a: JSONNode, _ b: JSONNode) -> Bool { a.hasText(of: b) || JSONEquality.of(a, b) }

/// Deep equality; see `deepEqual(_: JSONNode, _: JSONNode)`.
public func deepEqual(_ a: JSONValue, _ b: JSONValue) -> Bool { JSONEquality.of(a, b) }

/// Deep equality; see `deepEqual(_: JSONNode, _: JSONNode)`.
public func deepEqual(_ a: JSONNode, _ b: JSONValue) -> Bool { JSONEquality.of(a, b) }

private enum JSONEquality {
    static func of<A: JSONOrdered, B: JSONOrdered>(_ a: A, _ b: B) -> Bool {
        let rank = a.orderRank
        guard rank == b.orderRank else { return false }
        switch rank {
        case .null, .falseLiteral, .trueLiteral:
            return true
        case .number:
            return JSONOrder.compare(a.orderedDouble, b.orderedDouble) == .same
        case .string:
            return a.withOrderedString { left in b.withOrderedString { right in left.compare(right) } } == 0
        case .array:
            return ofArrays(a, b)
        case .object:
            return ofObjects(a, b)
        }
    }

    private static func ofArrays<A: JSONOrdered, B: JSONOrdered>(_ a: A, _ b: B) -> Bool {
        var left = a.orderedElements.makeIterator()
        var right = b.orderedElements.makeIterator()
        while true {
            let (x, y) = (left.next(), right.next())
            guard let x, let y else { return x == nil && y == nil }
            if !of(x, y) { return false }
        }
    }

    /// Members usually stand in the same order, so they are walked side by side; from the first names that differ on,
    /// they are sorted.
    private static func ofObjects<A: JSONOrdered, B: JSONOrdered>(_ a: A, _ b: B) -> Bool {
        var left = a.orderedMembers.makeIterator()
        var right = b.orderedMembers.makeIterator()
        while true {
            let (x, y) = (left.next(), right.next())
            guard let x, let y else { return x == nil && y == nil }
            guard x.name.isEqual(to: y.name) else { break }
            if !of(x.value, y.value) { return false }
        }
        let (sorted, otherSorted) = (a.sortedMembers, b.sortedMembers)
        return sorted.count == otherSorted.count
            && zip(sorted, otherSorted).allSatisfy { x, y in x.name.isEqual(to: y.name) && of(x.value, y.value) }
    }
}
