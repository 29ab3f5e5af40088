import OrreryDocuments
import TestSupport

/// Random documents and random queries over them: few names and few values, so that conditions are often true.
struct RandomQueries {
    var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    private mutating func pick<T>(_ choices: [T]) -> T {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }

    private mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    // MARK: Documents

    mutating func documents(_ count: Int) -> [JSONValue] {
        (0..<count).map { index in
            var members = [JSONMember("id", .string("\(index)")), JSONMember("_rid", .string("rid\(index)"))]
            for name in ["pk", "a", "b", "c", "d"] where chance(85) {
                members.append(JSONMember(name, value(depth: 2)))
            }
            if chance(70) {
                let count = Int.random(in: 0...3, using: &random)
                members.append(JSONMember("list", .array((0..<count).map { _ in value(depth: 1) })))
            }
            return .object(members)
        }
    }

    private mutating func value(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 7), using: &random) {
        case 0: return .null
        case 1: return .boolean(chance(50))
        case 2, 3: return .number(Int.random(in: -2...3, using: &random))
        case 4: return .number(Double(Int.random(in: -4...4, using: &random)) / 2)
        case 5, 6: return .string(pick(["", "a", "A", "b", "ab", "é", "é"]))
        case 7: return .array((0..<Int.random(in: 0...2, using: &random)).map { _ in value(depth: depth - 1) })
        default:
            let names = ["a", "b"].filter { _ in chance(60) }
            return .object(names.map { JSONMember($0, value(depth: depth - 1)) })
        }
    }

    // MARK: Queries

    struct Generated {
        var text: String
        /// FROM and WHERE alone.
        var source: String
        /// Rows come in one order.
        var isOrdered: Bool
        /// Which rows come depends on the order in which groups or distinct rows are met.
        var isCut: Bool
    }

    mutating func query() -> Generated {
        let isJoined = chance(30)
        let aliases = isJoined ? ["c", "x"] : ["c"]
        let from = isJoined ? pick(["c JOIN x IN c.list", "c JOIN (SELECT VALUE y FROM y IN c.list) AS x"]) : "c"
        let filter = chance(70) ? " WHERE \(condition(aliases, depth: 3))" : ""
        let shape = Int.random(in: 0..<5, using: &random)
        var text = "SELECT "
        var isGathered = true
        switch shape {
        case 0:
            let key = path(aliases)
            text += "\(key) AS k, \(aggregate(aliases)) AS v, COUNT(1) AS n FROM \(from)\(filter) GROUP BY \(key)"
        case 1:
            text += "VALUE \(aggregate(aliases)) FROM \(from)\(filter)"
        case 2:
            text += "DISTINCT VALUE \(scalar(aliases, depth: 2)) FROM \(from)\(filter)"
        case 3:
            let keys = (0..<Int.random(in: 1...2, using: &random)).map { _ in path(["c"]) + pick(["", " DESC"]) }
            text += "\(selection(aliases)) FROM \(from)\(filter) ORDER BY \(keys.joined(separator: ", "))"
            isGathered = false
        default:
            text += "\(selection(aliases)) FROM \(from)\(filter)"
            isGathered = false
        }
        let isCut = chance(30)
        if isCut {
            let (offset, limit) = (Int.random(in: 0...3, using: &random), Int.random(in: 0...6, using: &random))
            text += " OFFSET \(offset) LIMIT \(limit)"
        }
        return Generated(
            text: text, source: "FROM \(from)\(filter)", isOrdered: !isGathered, isCut: isCut && isGathered)
    }

    private mutating func selection(_ aliases: [String]) -> String {
        chance(40) ? "VALUE \(scalar(aliases, depth: 2))" : "c.id, \(scalar(aliases, depth: 2)) AS s"
    }

    private mutating func aggregate(_ aliases: [String]) -> String {
        "\(pick(["COUNT", "SUM", "MIN", "MAX", "AVG", "COUNTIF"]))(\(path(aliases)))"
    }

    private mutating func path(_ aliases: [String]) -> String {
        let alias = pick(aliases)
        if alias == "x" { return chance(70) ? "x" : "x.a" }
        return "c.\(pick(["pk", "a", "b", "c", "d", "a.a", "b.b", "list[0]", "missing"]))"
    }

    private mutating func literal() -> String {
        pick(["null", "true", "false", "0", "1", "2", "-1", "1.5", "'a'", "'ab'", "''", "'é'", "[]", "{}", "undefined"])
    }

    private mutating func scalar(_ aliases: [String], depth: Int) -> String {
        guard depth > 0 else { return chance(70) ? path(aliases) : literal() }
        let inner = depth - 1
        switch Int.random(in: 0..<12, using: &random) {
        case 0...3: return path(aliases)
        case 4: return literal()
        case 5:
            return "(\(scalar(aliases, depth: inner)) \(pick(["+", "-", "*", "||", "&", "??"])) "
                + "\(scalar(aliases, depth: inner)))"
        case 6: return "{'p': \(scalar(aliases, depth: inner)), 'q': \(scalar(aliases, depth: inner))}"
        case 7: return "[\(scalar(aliases, depth: inner)), \(literal())]"
        case 8: return "\(pick(["ABS", "UPPER", "LENGTH", "ToString", "IS_STRING"]))(\(scalar(aliases, depth: inner)))"
        case 9: return "(\(condition(aliases, depth: inner)) ? \(path(aliases)) : \(literal()))"
        case 10: return "ARRAY(SELECT VALUE z FROM z IN c.list WHERE z != \(literal()))"
        default: return "(SELECT VALUE COUNT(z) FROM z IN c.list)"
        }
    }

    private mutating func condition(_ aliases: [String], depth: Int) -> String {
        guard depth > 0 else { return "\(path(aliases)) = \(literal())" }
        let inner = depth - 1
        switch Int.random(in: 0..<13, using: &random) {
        case 0, 1: return "(\(condition(aliases, depth: inner)) AND \(condition(aliases, depth: inner)))"
        case 2: return "(\(condition(aliases, depth: inner)) OR \(condition(aliases, depth: inner)))"
        case 3: return "NOT (\(condition(aliases, depth: inner)))"
        case 4: return "\(path(aliases)) \(pick(["", "NOT "]))IN (\(literal()), \(literal()), \(literal()))"
        case 5: return "\(path(aliases)) BETWEEN \(literal()) AND \(literal())"
        case 6: return "\(path(aliases)) LIKE '\(pick(["a%", "%b", "_", "[a-b]%", "%"]))'"
        case 7: return "IS_DEFINED(\(path(aliases)))"
        case 8: return "EXISTS(SELECT VALUE z FROM z IN c.list WHERE z = \(literal()))"
        case 9: return "ARRAY_CONTAINS(c.list, \(literal()))"
        case 10: return "c.pk = \(literal())"
        default:
            let operation = pick(["=", "!=", "<", "<=", ">", ">="])
            return "\(scalar(aliases, depth: inner)) \(operation) \(scalar(aliases, depth: inner))"
        }
    }
}
