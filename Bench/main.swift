// orrery-bench: measures this project beside its peers, in interleaved rounds on one machine. Ratios mean something;
// absolute numbers are the machine's. `orrery-bench --help` names the benchmarks.

import Foundation

/// A benchmark that the command line may name.
struct NamedBenchmark {
    let name: String
    /// Those of many minutes are run only when they are named; the others also when none is.
    var isLong = false
    let run: () throws -> Void
}

let arguments = CommandLine.arguments.dropFirst()
let isQuick = arguments.contains("--quick")
let roundCount = isQuick ? 3 : 5
let seconds = isQuick ? 1.0 : 3.0
let secondsPlace = arguments.firstIndex(of: "--seconds")
let names = arguments.indices.filter { $0 != secondsPlace.map { $0 + 1 } && !arguments[$0].hasPrefix("--") }
    .map { arguments[$0] }
/// How long the latency of events is measured, where the command line says it.
let latencySeconds = secondsPlace.flatMap { arguments.indices.contains($0 + 1) ? Double(arguments[$0 + 1]) : nil }

let benchmarks = [
    NamedBenchmark(name: "read") {
        try PointReadBenchmark(connectionCount: 32, roundCount: roundCount, seconds: seconds).run()
    },
    NamedBenchmark(name: "create") {
        try CreateBenchmark(connectionCount: 32, roundCount: roundCount, seconds: seconds).run()
    },
    NamedBenchmark(name: "database") {
        try DatabaseBenchmark(roundCount: roundCount, seconds: seconds).run()
    },
    NamedBenchmark(name: "http") {
        try HTTPBenchmark(connectionCount: 32, roundCount: roundCount, seconds: seconds).run()
    },
    NamedBenchmark(name: "push") {
        try PushBenchmark(readerCount: 1000, roundCount: roundCount, seconds: seconds).run()
    },
    NamedBenchmark(name: "query") {
        try QueryBenchmark(
            documentCount: isQuick ? 50_000 : 200_000, connectionCount: 8, roundCount: roundCount, seconds: seconds
        ).run()
    },
    NamedBenchmark(name: "common") {
        try CommonQueriesBenchmark(
            documentCount: isQuick ? 50_000 : 200_000, roundCount: 3, seconds: isQuick ? 0.1 : 0.3
        ).run()
    },
    NamedBenchmark(name: "load") {
        try LoadBenchmark(documentCount: isQuick ? 50_000 : 200_000, roundCount: isQuick ? 1 : 3).run()
    },
    NamedBenchmark(name: "upkeep") {
        try UpkeepBenchmark(documentCount: isQuick ? 270_000 : 2_200_000).run()
    },
    NamedBenchmark(name: "growth") {
        try GrowthBenchmark(
            smallCount: 20_000, largeCount: isQuick ? 200_000 : 2_000_000, connectionCount: 8, roundCount: roundCount,
            seconds: seconds
        ).run()
    },
    NamedBenchmark(name: "queue") {
        try QueueBenchmark(changeCount: isQuick ? 200_000 : 1_000_000).run()
    },
    NamedBenchmark(name: "feed") {
        try FeedBenchmark(changeCount: isQuick ? 200_000 : 1_000_000).run()
    },
    NamedBenchmark(name: "handlers") {
        try HandlerBenchmark(writerCount: 32, seconds: seconds).run()
    },
    NamedBenchmark(name: "gateway") {
        try GatewayBenchmark(roundCount: roundCount).run()
    },
    NamedBenchmark(name: "match") {
        try MatchBenchmark(roundCount: roundCount, seconds: seconds).run()
    },
    NamedBenchmark(name: "writes", isLong: true) {
        let seconds = isQuick ? 15.0 : 180.0
        try SustainedWritesBenchmark(connectionCount: 32, seconds: seconds, ratioMin: 3).run()
        try SustainedWritesBenchmark(connectionCount: 128, seconds: seconds, ratioMin: 4).run()
    },
    NamedBenchmark(name: "events") {
        try EventBenchmark(
            seconds: latencySeconds ?? seconds, handledCount: isQuick ? 50_000 : 200_000,
            waitingCount: isQuick ? 200_000 : 1_000_000
        ).run()
    },
    NamedBenchmark(name: "sustained", isLong: true) {
        try SustainedBenchmark(seconds: isQuick ? 20 : 180).run()
    },
]

func report(_ text: String) {
    FileHandle.standardError.write(Data("orrery-bench: \(text)\n".utf8))
}

if arguments.contains("--help") {
    let usual = benchmarks.filter { !$0.isLong }.map(\.name).joined(separator: " ")
    let long = benchmarks.filter(\.isLong).map(\.name).joined(separator: " ")
    print("""
        orrery-bench [--quick] [--seconds N] [NAME …]
          these, or those of them that are named:  \(usual)
          only when they are named, for minutes:   \(long)
          --quick      fewer and shorter rounds, smaller containers
          --seconds N  how long the latency of events is measured
        """)
    exit(0)
}
if let unknown = names.first(where: { name in !benchmarks.contains { $0.name == name } }) {
    report("there is no benchmark named \(unknown); --help names them")
    exit(2)
}
let endings = ChildProcess.endAllWithThisProcess()
do {
    for benchmark in benchmarks where names.isEmpty ? !benchmark.isLong : names.contains(benchmark.name) {
        try benchmark.run()
    }
} catch {
    report("\(error)")
    exit(1)
}
