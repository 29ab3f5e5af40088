import OrreryEvents

/// What finding the subscriptions of an event costs, for ten of them and for a thousand, in process. Each event is
/// matched by one subscription of either, so that the difference is the search alone.
struct MatchBenchmark {
    let roundCount: Int
    let seconds: Double

    private static let counts = [10, 1_000]

    func run() throws {
        print("\nmatch: nanoseconds an event, with 10 and with 1,000 subscriptions, median of \(roundCount) rounds")
        for (name, definition) in Self.shapes {
            let indexes = try Self.counts.map { count in
                FilterIndex(try (0..<count).map { try Filter(definition($0), schema: .eventGrid) })
            }
            var times: [[Double]] = [[], []]
            for _ in 0..<roundCount {
                for (position, index) in indexes.enumerated() {
                    times[position].append(try nanoseconds(index, filterCount: Self.counts[position]))
                }
            }
            let medians = times.map { $0.sorted()[$0.count / 2] }
            let ratio = Double(Int(medians[1] / medians[0] * 100)) / 100
            print("\(name): \(Int(medians[0])) and \(Int(medians[1])), \(ratio) times")
        }
    }

    private static let shapes: [(String, @Sendable (Int) -> FilterDefinition)] = [
        ("by event type", { FilterDefinition(includedEventTypes: ["Shop.Type\($0)"]) }),
        ("by subject", { FilterDefinition(subjectBeginsWith: "tenants/\($0)/") }),
        (
            "by a value",
            {
                FilterDefinition(advancedFilters: [
                    AdvancedFilter("data.tenant", .stringIn, .strings(["tenant \($0)"]))
                ])
            }
        ),
        (
            "by type and amount",
            {
                FilterDefinition(
                    includedEventTypes: ["Shop.Type\($0)"],
                    advancedFilters: [AdvancedFilter("data.total", .numberGreaterThan, .number(10))])
            }
        ),
    ]

    /// Time for one event, a fresh candidate each, as publishing has it.
    private func nanoseconds(_ index: FilterIndex, filterCount: Int) throws -> Double {
        let events = (0..<filterCount).map { number in
            Event(
                id: "\(number)", source: "/topics/shop", type: "Shop.Type\(number)",
                subject: "tenants/\(number)/orders/1",
                data: .json(Array(#"{"tenant":"tenant \#(number)","total":42.5,"items":[{"sku":"a","n":1}]}"#.utf8)))
        }
        let start = monotonicNanoseconds()
        var count = 0
        while Double(monotonicNanoseconds() - start) < seconds / 10 * 1e9 {
            for _ in 0..<(1_000 / filterCount) {
                for event in events {
                    var candidate = EventCandidate(event)
                    guard index.matches(&candidate, undecided: { _, _ in }).count == 1 else {
                        throw BenchError(description: "an event has not one match")
                    }
                    count += 1
                }
            }
        }
        return Double(monotonicNanoseconds() - start) / Double(count)
    }
}
