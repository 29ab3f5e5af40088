/// One contender: a name and a way to load it once.
struct Contender {
    let name: String
    let run: () throws -> LoadResult
}

/// Runs contenders in turn, round after round, so that a noisy machine is noisy for all, and compares medians.
struct Comparison {
    let title: String
    let contenders: [Contender]
    let roundCount: Int

    /// Runs, prints a table, and returns each contender's median requests per second, in order.
    @discardableResult
    func run() throws -> [Double] {
        var results = contenders.map { _ in [LoadResult]() }
        for _ in 0..<roundCount {
            for (index, contender) in contenders.enumerated() { results[index].append(try contender.run()) }
        }
        let rates = results.map { median($0.map(\.perSecond)) }
        print("\n\(title): medians of \(roundCount) interleaved rounds")
        print(row(["", "per second", "ratio", "p50 µs", "p99 µs", "p99.9 µs", "CPU µs", "client µs", "failures"]))
        for (index, contender) in contenders.enumerated() {
            let rounds = results[index]
            print(
                row([
                    contender.name, "\(Int(rates[index]))", rounded(rates[index] / (rates.last ?? 1), 2),
                    latency(0.5, of: rounds), latency(0.99, of: rounds), latency(0.999, of: rounds),
                    time(rounds.compactMap(\.workMicroseconds)), time(rounds.compactMap(\.askingMicroseconds)),
                    "\(rounds.map(\.failureCount).reduce(0, +))",
                ]))
        }
        return rates
    }

    /// The median of the rounds' percentiles, or a dash where the contender's own load generator tells none.
    private func latency(_ share: Double, of rounds: [LoadResult]) -> String {
        rounds.contains { $0.latencies.isEmpty } ? "-" : rounded(median(rounds.map { $0.percentile(share) }), 0)
    }

    /// The median of processor times of one request, or a dash where they were not taken.
    private func time(_ microseconds: [Double]) -> String {
        microseconds.isEmpty ? "-" : rounded(median(microseconds), 1)
    }

    private func row(_ cells: [String]) -> String {
        cells.enumerated().map { index, cell in
            let width = index == 0 ? 34 : 11
            let space = String(repeating: " ", count: max(0, width - cell.count))
            return index == 0 ? cell + space : space + cell
        }.joined()
    }
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard let last = sorted.last else { return 0 }
    let middle = sorted.count / 2
    if sorted.count.isMultiple(of: 2) { return (sorted[middle - 1] + sorted[middle]) / 2 }
    return sorted.count == 1 ? last : sorted[middle]
}

/// A number with that many decimals.
func rounded(_ value: Double, _ decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    guard let whole = Int(exactly: (value * scale).rounded()) else { return "\(value)" }
    if decimals == 0 { return "\(whole)" }
    let fraction = String(whole % Int(scale))
    return "\(whole / Int(scale))." + String(repeating: "0", count: decimals - fraction.count) + fraction
}
