import OrreryDocuments

extension FunctionTable {
    static let arrayFunctions: [FunctionDefinition] = [
        summary("ARRAY_AVG") { numbers in numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count) },
        FunctionDefinition(
            "ARRAY_CONCAT", .array, [.init("a", .array), .repeated("b", .array)],
            .many { arrays, context throws(QueryError) in
                var weight = 0
                for array in arrays { weight = weight.saturatingSum(array.weightBytes) }
                guard weight <= context.limits.valueBytesMax else { throw Value.tooLarge(context.limits) }
                return Value.array(unchecked: arrays.flatMap { $0.elements ?? [] })
            }),
        FunctionDefinition(
            "ARRAY_CONTAINS", aliases: ["_TRY_ARRAY_CONTAINS"], .array,
            [.init("array", .array), .init("value", .defined), .optional("partial", .boolean)],
            .three { array, value, partial in
                .boolean(array.containsElement { partial.isTrue ? value.isPart(of: $0) : Value.areSame($0, value) })
            }),
        containsSeveral("ARRAY_CONTAINS_ALL", needsAll: true),
        containsSeveral("ARRAY_CONTAINS_ANY", needsAll: false),
        FunctionDefinition("ARRAY_LENGTH", .array, [.init("array", .array)], .one { .integer(Int64($0.count)) }),
        extreme("ARRAY_MAX") { OrderKey($0) > OrderKey($1) },
        summary("ARRAY_MEDIAN") { numbers in
            guard !numbers.isEmpty else { return nil }
            let sorted = numbers.sorted()
            let middle = sorted.count / 2
            return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        },
        extreme("ARRAY_MIN") { OrderKey($0) < OrderKey($1) },
        FunctionDefinition(
            "ARRAY_SLICE", .array,
            [.init("array", .array), .init("start", .integer), .optional("length", .integer)],
            .three { array, start, length in
                let elements = array.elements ?? []
                let range = slice(count: elements.count, start: start.int64 ?? 0, length: length.int64)
                return Value.array(unchecked: Array(elements[range]))
            }),
        summary("ARRAY_SUM") { $0.reduce(0, +) },
        FunctionDefinition(
            "CHOOSE", .array, [.init("index", .integer), .repeated("value", .any)],
            .many { arguments, _ throws(QueryError) in
                guard let index = arguments[0].int64, index >= 1, index < arguments.count else { return .undefined }
                return arguments[Int(index)]
            }),
        FunctionDefinition(
            "ObjectToArray", aliases: ["OBJECT_TO_ARRAY"], .array,
            [.init("object", .object), .optional("keyName", .string), .optional("valueName", .string)],
            .three { object, keyName, valueName in
                let (key, value) = (keyName.string ?? "k", valueName.string ?? "v")
                return Value.array(
                    unchecked: (object.members ?? []).map { member in
                        Value.object(unchecked: [
                            ComputedMember(name: key, value: .string(member.name)),
                            ComputedMember(name: value, value: member.value),
                        ])
                    })
            }),
        set("SetDifference", "SET_DIFFERENCE") { a, b in
            let excluded = Set(b.map { OrderKey($0) })
            return distinct(a.filter { !excluded.contains(OrderKey($0)) })
        },
        FunctionDefinition(
            "SetEqual", aliases: ["SET_EQUAL"], .array, [.init("a", .array), .init("b", .array)],
            .two { a, b in
                .boolean(Set((a.elements ?? []).map { OrderKey($0) }) == Set((b.elements ?? []).map { OrderKey($0) }))
            }),
        set("SetIntersect", "SET_INTERSECT") { a, b in
            let wanted = Set(b.map { OrderKey($0) })
            return distinct(a.filter { wanted.contains(OrderKey($0)) })
        },
        set("SetUnion", "SET_UNION") { a, b in distinct(a + b) },
    ]

    /// A number over an array of numbers; another type among them makes it undefined.
    private static func summary(
        _ name: String, _ function: @escaping @Sendable ([Double]) -> Double?
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, .array, [.init("array", .array)],
            .one { array in
                var numbers: [Double] = []
                for element in array.elements ?? [] {
                    guard let number = element.double else { return .undefined }
                    numbers.append(number)
                }
                return function(numbers).map(computed) ?? .undefined
            })
    }

    /// The first of an array's primitive values in an order; an array or object among them makes it undefined.
    private static func extreme(
        _ name: String, precedes: @escaping @Sendable (Value, Value) -> Bool
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, .array, [.init("array", .array)],
            .one { array in
                var best: Value?
                for element in array.elements ?? [] {
                    guard element.kind != .array, element.kind != .object else { return .undefined }
                    if let current = best, !precedes(element, current) { continue }
                    best = element
                }
                return best ?? .undefined
            })
    }

    private static func containsSeveral(_ name: String, needsAll: Bool) -> FunctionDefinition {
        FunctionDefinition(
            name, .array, [.init("array", .array), .repeated("value", .defined)],
            .many { arguments, context throws(QueryError) in
                for value in arguments.dropFirst() {
                    try context.spend(arguments[0].weightBytes)
                    let isElement = arguments[0].containsElement { Value.areSame($0, value) }
                    if isElement != needsAll { return .boolean(isElement) }
                }
                return .boolean(needsAll)
            })
    }

    private static func set(
        _ name: String, _ alias: String, _ function: @escaping @Sendable ([Value], [Value]) -> [Value]
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases: [alias], .array, [.init("a", .array), .init("b", .array)],
            .two { a, b in
                Value.array(unchecked: function(a.elements ?? [], b.elements ?? []))
            })
    }

    /// The values without repetitions, in the order in which each came first.
    private static func distinct(_ values: [Value]) -> [Value] {
        var seen: Set<OrderKey> = []
        return values.filter { seen.insert(OrderKey($0)).inserted }
    }

    /// The range that `start` (negative: from the end) and `length` select of `count` places.
    static func slice(count: Int, start: Int64, length: Int64?) -> Range<Int> {
        let count64 = Int64(count)
        let lower = start < 0 ? max(0, count64 + max(start, -count64)) : min(start, count64)
        let rest = count64 - lower
        let taken = min(max(length ?? rest, 0), rest)
        return Int(lower)..<Int(lower + taken)
    }
}

extension Value {
    /// Whether an array has an element that satisfies a condition.
    func containsElement(where condition: (Value) -> Bool) -> Bool {
        if case .node(let node) = self {
            for element in node.elements where condition(Value(element)) { return true }
            return false
        }
        return (elements ?? []).contains(where: condition)
    }

    /// Members that are each looked for among all of the other object.
    private static let soughtMembersMax = 16

    /// Whether each of this object's members is, deeply, part of the other's; anything else must be equal.
    func isPart(of other: Value) -> Bool {
        guard kind == .object, other.kind == .object else { return Value.areSame(self, other) }
        guard count <= other.count else { return false }
        guard count > Self.soughtMembersMax else {
            return (members ?? []).allSatisfy { member in
                let counterpart = other.member(member.name)
                return !counterpart.isUndefined && member.value.isPart(of: counterpart)
            }
        }
        // To look for each of many would take their number squared.
        var counterparts: [[UInt8]: Value] = [:]
        for member in other.members ?? [] { counterparts[Array(member.name.utf8)] = member.value }
        return (members ?? []).allSatisfy { member in
            counterparts[Array(member.name.utf8)].map { member.value.isPart(of: $0) } ?? false
        }
    }
}
