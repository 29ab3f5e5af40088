import OrreryDocuments
import Testing

@testable import OrreryEvents

/// Each operator on values, on arrays, on values of another type and on keys that are missing.
@Suite struct AdvancedFilterTests {
    /// The values that a filter is asked about, by the names under which the table below gives the outcome.
    static let data =
        #"{"n":5,"big":1e300,"t":true,"f":false,"s":"Red Apple","u":"ÄPFEL","nul":null,"deep":{"x":{"y":"z"}},"#
        + #""nums":[1,5,9],"words":["red","GREEN"],"none":[],"mixed":["red",7,null,{}],"o":{}}"#

    static func matches(_ filter: String, arrays: Bool, schema: EventSchema = .eventGrid) throws -> Bool {
        let text = #"{"enableAdvancedFilteringOnArrays":\#(arrays),"advancedFilters":[\#(filter)]}"#
        let compiled = try Filter(FilterDefinition(JSONDocument(parsing: text).root), schema: schema)
        var candidate = EventCandidate(
            Event(
                id: "7", source: "/topics/t", type: "Shop.Order", subject: "orders/7", dataSchema: "#1.0",
                data: .json(Array(data.utf8)), extensions: [EventExtension("hop", .integer(5))]))
        let passes = compiled.matches(&candidate) { Issue.record("\($0)") }
        let mismatch = compiled.mismatch(&candidate) { Issue.record("\($0)") }
        #expect((mismatch == nil) == passes, "the explanation says otherwise")
        return passes
    }

    @Test(arguments: [
        ("NumberIn", "data.n", "[3,5]", true), ("NumberIn", "data.n", "[3]", false),
        ("NumberIn", "data.s", "[3]", false), ("NumberIn", "data.missing", "[5]", false),
        ("NumberIn", "data.nums", "[9,10]", true), ("NumberIn", "data.nums", "[2]", false),
        ("NumberIn", "data.none", "[2]", false), ("NumberIn", "data.big", "[1e300]", true),
        ("NumberNotIn", "data.n", "[3,5]", false), ("NumberNotIn", "data.n", "[3]", true),
        ("NumberNotIn", "data.missing", "[3]", true), ("NumberNotIn", "data.nul", "[3]", true),
        ("NumberNotIn", "data.nums", "[2,9]", false), ("NumberNotIn", "data.nums", "[2]", true),
        ("NumberNotIn", "data.none", "[2]", true),
        ("NumberLessThan", "data.n", "6", true), ("NumberLessThan", "data.n", "5", false),
        ("NumberLessThan", "data.missing", "5", false), ("NumberLessThan", "data.nums", "2", true),
        ("NumberGreaterThan", "data.n", "4.5", true), ("NumberGreaterThan", "data.n", "5", false),
        ("NumberLessThanOrEquals", "data.n", "5", true), ("NumberLessThanOrEquals", "data.n", "4", false),
        ("NumberGreaterThanOrEquals", "data.n", "5", true), ("NumberGreaterThanOrEquals", "data.n", "6", false),
        ("NumberGreaterThanOrEquals", "data.nul", "0", false),
        ("NumberInRange", "data.n", "[[1,2],[5,6]]", true), ("NumberInRange", "data.n", "[[1,2]]", false),
        ("NumberInRange", "data.nums", "[[8,10]]", true), ("NumberInRange", "data.missing", "[[0,9]]", false),
        ("NumberNotInRange", "data.n", "[[1,2]]", true), ("NumberNotInRange", "data.n", "[[1,2],[5,6]]", false),
        ("NumberNotInRange", "data.missing", "[[1,2]]", false), ("NumberNotInRange", "data.nums", "[[8,9]]", false),
        ("BoolEquals", "data.t", "true", true), ("BoolEquals", "data.f", "true", false),
        ("BoolEquals", "data.f", "false", true), ("BoolEquals", "data.missing", "false", false),
        ("BoolEquals", "data.n", "true", false),
        ("StringContains", "data.s", #"["d a"]"#, true), ("StringContains", "data.s", #"["x","APPLE"]"#, true),
        ("StringContains", "data.s", #"["pear"]"#, false), ("StringContains", "data.missing", #"["a"]"#, false),
        ("StringContains", "data.s", #"["a longer text than the value"]"#, false),
        ("StringContains", "data.u", #"["pfe"]"#, true), ("StringContains", "data.u", #"["äpf"]"#, true),
        ("StringContains", "data.words", #"["gree"]"#, true), ("StringContains", "data.mixed", #"["RE"]"#, true),
        ("StringNotContains", "data.s", #"["pear"]"#, true), ("StringNotContains", "data.s", #"["pear","red"]"#, false),
        ("StringNotContains", "data.missing", #"["a"]"#, false), ("StringNotContains", "data.words", #"["x"]"#, true),
        ("StringNotContains", "data.words", #"["ree"]"#, false), ("StringNotContains", "data.nul", #"["a"]"#, false),
        ("StringBeginsWith", "data.s", #"["RED"]"#, true), ("StringBeginsWith", "data.s", #"["apple"]"#, false),
        ("StringNotBeginsWith", "data.s", #"["apple"]"#, true), ("StringNotBeginsWith", "data.s", #"["r"]"#, false),
        ("StringNotBeginsWith", "data.missing", #"["r"]"#, false),
        ("StringEndsWith", "data.s", #"["apple"]"#, true), ("StringEndsWith", "data.s", #"["red"]"#, false),
        ("StringEndsWith", "data.u", #"["el"]"#, true),
        ("StringNotEndsWith", "data.s", #"["red"]"#, true), ("StringNotEndsWith", "data.s", #"["PLE"]"#, false),
        ("StringNotEndsWith", "data.missing", #"["r"]"#, false),
        ("StringIn", "data.s", #"["red apple"]"#, true), ("StringIn", "data.s", #"["red"]"#, false),
        ("StringIn", "data.deep.x.y", #"["Z"]"#, true), ("StringIn", "data.deep.x", #"["z"]"#, false),
        ("StringIn", "data.words", #"["green"]"#, true), ("StringIn", "data.n", #"["5"]"#, false),
        ("StringNotIn", "data.s", #"["red apple"]"#, false), ("StringNotIn", "data.s", #"["red"]"#, true),
        ("StringNotIn", "data.missing", #"["a"]"#, true), ("StringNotIn", "data.nul", #"["a"]"#, true),
        ("StringNotIn", "data.words", #"["green"]"#, false),
        ("IsNullOrUndefined", "data.missing", "", true), ("IsNullOrUndefined", "data.nul", "", true),
        ("IsNullOrUndefined", "data.n", "", false), ("IsNullOrUndefined", "data.nums", "", false),
        ("IsNullOrUndefined", "data.deep.q.r", "", true), ("IsNullOrUndefined", "data.o", "", false),
        ("IsNotNull", "data.missing", "", false), ("IsNotNull", "data.nul", "", false),
        ("IsNotNull", "data.n", "", true), ("IsNotNull", "data.none", "", true), ("IsNotNull", "data.o", "", true),
        ("StringIn", "ID", #"["7"]"#, true), ("StringIn", "Topic", #"["/TOPICS/t"]"#, true),
        ("StringBeginsWith", "Subject", #"["orders/"]"#, true), ("StringEndsWith", "EventType", #"[".order"]"#, true),
        ("StringIn", "dataVersion", #"["1.0"]"#, true), ("IsNullOrUndefined", "eventTime", "", true),
        ("IsNotNull", "Data", "", true), ("StringIn", "Data.s", #"["red apple"]"#, true),
    ])
    func withArrays(type: String, key: String, operand: String, expected: Bool) throws {
        #expect(try Self.matches(Self.filter(type, key, operand), arrays: true) == expected)
    }

    @Test(arguments: [
        ("NumberIn", "data.nums", "[1]", false), ("NumberNotIn", "data.nums", "[2]", false),
        ("StringContains", "data.words", #"["red"]"#, false), ("StringNotIn", "data.words", #"["x"]"#, false),
        ("IsNotNull", "data.words", "", true), ("IsNullOrUndefined", "data.words", "", false),
        ("NumberIn", "data.n", "[5]", true),
    ])
    func withoutArrays(type: String, key: String, operand: String, expected: Bool) throws {
        #expect(try Self.matches(Self.filter(type, key, operand), arrays: false) == expected)
    }

    @Test func keysOfOtherSchemas() throws {
        #expect(try Self.matches(Self.filter("NumberIn", "hop", "[5]"), arrays: false, schema: .cloudEvents))
        #expect(try Self.matches(Self.filter("StringIn", "source", #"["/topics/T"]"#), arrays: false))
        #expect(try Self.matches(Self.filter("NumberIn", "n", "[5]"), arrays: false, schema: .custom))
        #expect(try Self.matches(Self.filter("StringIn", "deep.x.y", #"["z"]"#), arrays: false, schema: .custom))
        #expect(throws: EventError.self) { try Self.matches(Self.filter("NumberIn", "hop", "[5]"), arrays: false) }
    }

    @Test func everyOperatorIsTold() {
        #expect(FilterOperator.allCases.count == 19)
    }

    @Test(arguments: [
        #"{"operatorType":"StringLike","key":"data.x","values":["a"]}"#,
        #"{"operatorType":"StringIn","values":["a"]}"#,
        #"{"operatorType":"StringIn","key":"data.x"}"#,
        #"{"operatorType":"StringIn","key":"data.x","values":[]}"#,
        #"{"operatorType":"StringIn","key":"data.x","values":["a",1]}"#,
        #"{"operatorType":"NumberLessThan","key":"data.x","values":[1]}"#,
        #"{"operatorType":"NumberIn","key":"data.x","values":["1"]}"#,
        #"{"operatorType":"NumberInRange","key":"data.x","values":[[2,1]]}"#,
        #"{"operatorType":"NumberInRange","key":"data.x","values":[1,2]}"#,
        #"{"operatorType":"BoolEquals","key":"data.x","value":"true"}"#,
        #"{"operatorType":"StringIn","key":"data..x","values":["a"]}"#,
        #"{"operatorType":"StringIn","key":"nothing","values":["a"]}"#, "5",
    ])
    func refusals(filter: String) {
        #expect(throws: EventError.self) { try Self.matches(filter, arrays: true) }
    }

    @Test func definitionsReadBack() throws {
        for type in FilterOperator.allCases {
            let operand =
                switch type.operand {
                case .none: ""
                case .number: "1.5"
                case .boolean: "true"
                case .numbers: "[1,2]"
                case .ranges: "[[1,2]]"
                case .strings: #"["a"]"#
                }
            let filter = try AdvancedFilter(
                JSONDocument(parsing: Self.filter(type.rawValue, "data.x", operand)).root)
            #expect(try AdvancedFilter(JSONDocument(parsing: filter.value.text).root) == filter)
        }
    }

    static func filter(_ type: String, _ key: String, _ operand: String) -> String {
        let name = operand.hasPrefix("[") ? "values" : "value"
        let member = operand.isEmpty ? "" : #","\#(name)":\#(operand)"#
        return #"{"operatorType":"\#(type)","key":"\#(key)"\#(member)}"#
    }
}
