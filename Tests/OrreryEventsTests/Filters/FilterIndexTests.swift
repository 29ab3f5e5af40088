import OrreryDocuments
import TestSupport
import Testing

@testable import OrreryEvents

@Suite struct FilterIndexTests {
    /// Random filters and events over few names, so that many match; the index must find what asking all finds.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func findsWhatAskingAllFinds(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let filters = try (0..<80).map { _ in try filter(&random) }
        let index = FilterIndex(filters)
        var (matchCount, undecided) = (0, 0)
        for _ in 0..<300 {
            let event = event(&random)
            var candidate = EventCandidate(event)
            let expected = filters.indices.filter { filters[$0]?.matches(&candidate) { _ in undecided += 1 } ?? true }
            var asked = EventCandidate(event)
            #expect(index.matches(&asked) { _, _ in undecided += 1 } == expected, "seed \(seed)")
            matchCount += expected.count
        }
        #expect(matchCount > 1_000)
        #expect(undecided == 0)
    }

    @Test func asksFewOfMany() throws {
        func asked(_ definitions: [FilterDefinition]) throws -> Int {
            let index = FilterIndex(try definitions.map { try Filter($0, schema: .eventGrid) })
            var candidate = EventCandidate(
                Event(
                    id: "1", source: "s", type: "T500", subject: "Tenant/500/x",
                    data: .json(Array(#"{"n":500}"#.utf8))))
            #expect(index.matches(&candidate) { _, reason in Issue.record("\(reason)") } == [500])
            return index.possibleMatches(&candidate).count
        }
        let numbers = 0..<1_000
        #expect(try asked(numbers.map { FilterDefinition(includedEventTypes: ["T\($0)"]) }) == 1)
        #expect(try asked(numbers.map { FilterDefinition(subjectBeginsWith: "tenant/\($0)/") }) == 1)
        #expect(
            try asked(
                numbers.map {
                    let wanted = AdvancedFilter("data.n", .numberIn, .numbers([Double($0)]))
                    return FilterDefinition(advancedFilters: [AdvancedFilter("subject", .isNotNull), wanted])
                }) == 1)
        #expect(
            try asked(
                numbers.map {
                    let wanted = AdvancedFilter("subject", .stringIn, .strings(["tenant/\($0)/X"]))
                    return FilterDefinition(advancedFilters: [wanted])
                }) == 1)
    }

    private func filter(_ random: inout SplitMix64) throws -> Filter? {
        if random.next(below: 20) == 0 { return nil }
        var definition = FilterDefinition()
        if random.next(below: 2) == 0 {
            definition.includedEventTypes = (0...random.next(below: 2)).map { _ in "T\(random.next(below: 4))" }
        }
        if random.next(below: 3) == 0 {
            definition.subjectBeginsWith = ["a", "a/B", "a/b/c", "É", "b"][random.next(below: 5)]
            definition.isSubjectCaseSensitive = random.next(below: 2) == 0
        }
        definition.enableAdvancedFilteringOnArrays = random.next(below: 2) == 0
        for _ in 0..<random.next(below: 3) {
            let key = ["data.x", "data.y", "subject", "data"][random.next(below: 4)]
            let numbers = [0.0, 1, 2].filter { _ in random.next(below: 2) == 0 } + [3]
            let filters: [AdvancedFilter] = [
                AdvancedFilter(key, .numberIn, .numbers(numbers)), AdvancedFilter(key, .numberNotIn, .numbers(numbers)),
                AdvancedFilter(key, .stringIn, .strings(numbers.map { "V\(Int($0))" } + ["a/b"])),
                AdvancedFilter(key, .stringIn, .strings(["É", "v1"])), AdvancedFilter(key, .isNotNull),
            ]
            definition.advancedFilters.append(filters[random.next(below: filters.count)])
        }
        return try Filter(definition, schema: .eventGrid)
    }

    private func event(_ random: inout SplitMix64) -> Event {
        func value() -> String {
            ["0", "-0", "1", "2", #""v1""#, #""V2""#, #""é""#, "[1,2]", #"["v1","v2","v1"]"#, "null", "{}", "true"][
                random.next(below: 12)]
        }
        let data = random.next(below: 10) == 0 ? "1" : #"{"x":\#(value()),"y":\#(value())}"#
        return Event(
            id: "1", source: "s", type: "T\(random.next(below: 5))",
            subject: ["a", "A/b", "a/b/c/d", "éa", "B", "", nil][random.next(below: 7)],
            data: .json(Array(data.utf8)))
    }
}

extension SplitMix64 {
    fileprivate mutating func next(below bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
