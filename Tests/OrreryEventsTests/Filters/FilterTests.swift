import OrreryDocuments
import Testing

@testable import OrreryEvents

@Suite struct FilterTests {
    private static let event = Event(
        id: "1", source: "/t", type: "Shop.OrderCreated", subject: "/Orders/7/Items.TXT",
        data: .json(Array(#"{"total":120.5,"customer":{"name":"Ann"},"tags":["a"]}"#.utf8)))

    private func mismatch(_ filter: String, schema: EventSchema = .eventGrid) throws -> FilterMismatch? {
        let compiled = try Filter(FilterDefinition(JSONDocument(parsing: filter).root), schema: schema)
        var candidate = EventCandidate(Self.event)
        let mismatch = compiled.mismatch(&candidate) { Issue.record("\($0)") }
        #expect(compiled.matches(&candidate) { Issue.record("\($0)") } == (mismatch == nil))
        return mismatch
    }

    @Test(arguments: [
        #"{}"#, #"{"includedEventTypes":null,"advancedFilters":null}"#, #"{"includedEventTypes":["All"]}"#,
        #"{"includedEventTypes":[]}"#, #"{"includedEventTypes":["Other","Shop.OrderCreated"]}"#,
        #"{"subjectBeginsWith":"/orders/","subjectEndsWith":".txt"}"#,
        #"{"subjectBeginsWith":"/Orders/","subjectEndsWith":".TXT","isSubjectCaseSensitive":true}"#,
        #"{"where":"c.data.total > 100 AND c.eventType = 'Shop.OrderCreated'"}"#,
        #"{"where":"WHERE ARRAY_CONTAINS(c.data.tags, 'a')"}"#,
        #"{"where":"from e where e.data.customer.name LIKE 'A%'"}"#,
        #"{"filters":[{"operatorType":"StringIn","key":"data.tags","values":["A"]}]}"#,
    ])
    func passes(filter: String) throws {
        #expect(try mismatch(filter) == nil)
    }

    @Test(arguments: [
        (
            #"{"includedEventTypes":["shop.ordercreated"]}"#, "includedEventTypes",
            "the type 'Shop.OrderCreated' is not among them"
        ),
        (
            #"{"subjectBeginsWith":"/orders","isSubjectCaseSensitive":true}"#, "subjectBeginsWith",
            "the subject '/Orders/7/Items.TXT' does not begin with '/orders'"
        ),
        (
            #"{"subjectEndsWith":".jpg"}"#, "subjectEndsWith",
            "the subject '/Orders/7/Items.TXT' does not end with '.jpg'"
        ),
        (
            #"{"advancedFilters":[{"operatorType":"IsNotNull","key":"subject"},"#
                + #"{"operatorType":"NumberGreaterThan","key":"data.total","value":200}]}"#,
            "advancedFilters[1]", "NumberGreaterThan: 'data.total' is 120.5"
        ),
        (
            #"{"advancedFilters":[{"operatorType":"StringIn","key":"data.color","values":["red"]}]}"#,
            "advancedFilters[0]", "StringIn: 'data.color' is missing"
        ),
        (
            #"{"advancedFilters":[{"operatorType":"StringIn","key":"data.tags","values":["a"]}]}"#,
            "advancedFilters[0]", "StringIn: 'data.tags' is an array, and filtering on arrays is not enabled"
        ),
        (#"{"where":"c.data.total > 200"}"#, "where", "the condition does not hold"),
    ])
    func tellsWhyNot(filter: String, part: String, reason: String) throws {
        #expect(try mismatch(filter) == FilterMismatch(part, reason))
    }

    private func refusal(_ definition: FilterDefinition) -> String? {
        do {
            _ = try Filter(definition, schema: .eventGrid)
            return nil
        } catch {
            #expect(error.status == 400)
            return error.message
        }
    }

    @Test func limits() {
        func filters(_ count: Int, values: Int) -> FilterDefinition {
            let values = (0..<values).map { "v\($0)" }
            return FilterDefinition(
                advancedFilters: (0..<count).map { AdvancedFilter("data.k\($0)", .stringIn, .strings(values)) })
        }
        #expect(refusal(filters(25, values: 1)) == nil)
        #expect(
            refusal(filters(26, values: 0)) == "A subscription can have 25 advanced filters; 26 were given.")
        #expect(
            refusal(filters(2, values: 13))
                == "A subscription can have 25 values in all of its advanced filters; 26 were given.")
        let long = String(repeating: "é", count: 512)
        #expect(refusal(FilterDefinition(subjectBeginsWith: long)) == nil)
        #expect(
            refusal(FilterDefinition(subjectBeginsWith: long + "é"))
                == "A string in a filter can have 512 characters.")
        #expect(
            refusal(FilterDefinition(advancedFilters: [AdvancedFilter("data.x", .stringIn, .strings([long + "e"]))]))
                == "A string in a filter can have 512 characters.")
        let condition = FilterDefinition(sqlCondition: "c.x =")
        #expect(refusal(condition)?.hasPrefix("The filter's condition is refused") == true)
        #expect(
            refusal(FilterDefinition(advancedFilters: [AdvancedFilter("data.x", .numberIn, .strings(["a"]))]))
                == "The advanced filter NumberIn does not take these values.")
    }

    @Test func definitionsReadBack() throws {
        let definition = FilterDefinition(
            includedEventTypes: ["a"], subjectBeginsWith: "b", subjectEndsWith: "c", isSubjectCaseSensitive: true,
            enableAdvancedFilteringOnArrays: true,
            advancedFilters: [AdvancedFilter("data.x", .numberInRange, .ranges([1...2]))], sqlCondition: "c.x = 1")
        #expect(try FilterDefinition(JSONDocument(parsing: definition.value.text).root) == definition)
    }

    @Test func dataThatIsNotJSON() throws {
        let filter = try Filter(
            FilterDefinition(advancedFilters: [AdvancedFilter("data.x", .stringNotIn, .strings(["a"]))]),
            schema: .cloudEvents)
        var bytes = EventCandidate(Event(id: "1", source: "s", type: "t", data: .binary([1, 2])))
        var nothing = EventCandidate(Event(id: "1", source: "s", type: "t"))
        #expect(filter.matches(&bytes) { Issue.record("\($0)") })
        #expect(filter.matches(&nothing) { Issue.record("\($0)") })
    }

    /// An event of which the condition does not say whether it holds is the subscription's: one value that passes its
    /// limit, and data that cannot be read one level deeper.
    @Test(arguments: [
        (
            "LENGTH(REPLACE(REPLICATE('a', 10000), 'a', c.data.s)) < 0",
            #"{"s":"\#(String(repeating: "b", count: 2000))"}"#
        ),
        ("c.data.x = 1", String(repeating: "[", count: 100) + String(repeating: "]", count: 100)),
    ])
    func whatCannotBeDecidedMatches(condition: String, data: String) throws {
        let filter = try Filter(FilterDefinition(sqlCondition: condition), schema: .eventGrid)
        var candidate = EventCandidate(Event(id: "1", source: "/t", type: "T", data: .json(Array(data.utf8))))
        var reasons: [String] = []
        #expect(filter.matches(&candidate) { reasons.append($0) })
        #expect(filter.mismatch(&candidate) { reasons.append($0) } == nil)
        #expect(FilterIndex([nil, filter]).matches(&candidate) { reasons.append("\($0) \($1)") } == [0, 1])
        #expect(reasons.count == 3 && reasons[0] == reasons[1] && reasons[2] == "1 \(reasons[0])")
    }
}
