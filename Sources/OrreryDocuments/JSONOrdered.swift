/// What the order and deep equality need of a value, however it is kept.
protocol JSONOrdered {
    associatedtype Name: JSONOrderedString
    associatedtype Elements: Sequence<Self>
    associatedtype Members: Sequence<(name: Name, value: Self)>

    var orderRank: JSONOrderRank { get }
    /// The value of a number.
    var orderedDouble: Double { get }
    /// The value of a string.
    func withOrderedString(_ body: (JSONStringText) -> Int) -> Int
    var orderedElements: Elements { get }
    var orderedMembers: Members { get }
}

protocol JSONOrderedString {
    func withOrderedString(_ body: (JSONStringText) -> Int) -> Int
}

extension JSONOrderedString {
    /// Below zero, zero or above, by UTF-8.
    func compare(to other: some JSONOrderedString) -> Int {
        withOrderedString { own in other.withOrderedString { other in own.compare(other) } }
    }

    func isEqual(to other: some JSONOrderedString) -> Bool { compare(to: other) == 0 }
}

extension JSONOrdered {
    /// The members sorted by the UTF-8 of their names.
    var sortedMembers: [(name: Name, value: Self)] {
        orderedMembers.sorted { a, b in a.name.compare(to: b.name) < 0 }
    }
}

/// The place of a type in the cross-type order; booleans are two types.
enum JSONOrderRank: UInt8 {
    case null, falseLiteral, trueLiteral, number, string, array, object
}

extension JSONNode: JSONOrdered, JSONOrderedString {
    typealias Name = JSONNode
    typealias Members = JSONMemberNodes

    var orderRank: JSONOrderRank {
        switch entry.code {
        case .null: .null
        case .falseLiteral: .falseLiteral
        case .trueLiteral: .trueLiteral
        case .integer, .decimal: .number
        case .string, .escapedString, .hiddenName: .string
        case .array: .array
        case .object: .object
        }
    }

    var orderedDouble: Double { double ?? 0 }

    func withOrderedString(_ body: (JSONStringText) -> Int) -> Int { body(stringText) }

    var orderedElements: JSONElements { elements }

    var orderedMembers: Members { memberNodes }
}

extension JSONValue: JSONOrdered {
    typealias Name = String
    typealias Members = LazyMapSequence<[JSONMember], (name: String, value: JSONValue)>

    var orderRank: JSONOrderRank {
        switch self {
        case .null: .null
        case .boolean(let value): value ? .trueLiteral : .falseLiteral
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    var orderedDouble: Double { number?.double ?? 0 }

    func withOrderedString(_ body: (JSONStringText) -> Int) -> Int {
        (string ?? "").withOrderedString(body)
    }

    var orderedElements: [JSONValue] { array ?? [] }

    var orderedMembers: Members {
        (members ?? []).lazy.map { ($0.name, $0.value) }
    }
}

extension String: JSONOrderedString {
    func withOrderedString(_ body: (JSONStringText) -> Int) -> Int {
        let utf8 = utf8
        return body(JSONStringText(utf8.span))
    }
}
