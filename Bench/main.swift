// orrery-bench: measures this project beside its peers, in interleaved rounds on one machine. Ratios mean something;
// absolute numbers are the machine's.
//
//     orrery-bench [--quick] [read] [create] [database] [http] [push] [feed] [query] [load] [upkeep] [growth] [queue]
//                  [handlers] [events [--seconds N]] [match] [gateway]
//     orrery-bench sustained      three minutes, only when it is named
//     orrery-bench writes         twelve minutes, only when it is named

import Foundation

let arguments = CommandLine.arguments.dropFirst()
let isQuick = arguments.contains("--quick")
let roundCount = isQuick ? 3 : 5
let seconds = isQuick ? 1.0 : 3.0
let secondsPlace = arguments.firstIndex(of: "--seconds")
let names = arguments.indices.filter { $0 != secondsPlace.map { $0 + 1 } && !arguments[$0].hasPrefix("--") }
    .map { arguments[$0] }
/// How long the latency of events is measured, where the command line says it.
let latencySeconds = secondsPlace.flatMap { arguments.indices.contains($0 + 1) ? Double(arguments[$0 + 1]) : nil }
let endings = ChildProcess.endAllWithThisProcess()

func isWanted(_ name: String) -> Bool { names.isEmpty || names.contains(name) }

do {
    if isWanted("read") {
        try PointReadBenchmark(connectionCount: 32, roundCount: roundCount, seconds: seconds).run()
    }
    if isWanted("create") {
        try CreateBenchmark(connectionCount: 32, roundCount: roundCount, seconds: seconds).run()
    }
    if isWanted("database") {
        try DatabaseBenchmark(roundCount: roundCount, seconds: seconds).run()
    }
    if isWanted("http") {
        try HTTPBenchmark(connectionCount: 32, roundCount: roundCount, seconds: seconds).run()
    }
    if isWanted("push") {
        try PushBenchmark(readerCount: 1000, roundCount: roundCount, seconds: seconds).run()
    }
    if isWanted("query") {
        try QueryBenchmark(
            documentCount: isQuick ? 50_000 : 200_000, connectionCount: 8, roundCount: roundCount, seconds: seconds
        ).run()
    }
    if isWanted("load") {
        try LoadBenchmark(documentCount: isQuick ? 50_000 : 200_000, roundCount: isQuick ? 1 : 3).run()
    }
    if isWanted("upkeep") {
        try UpkeepBenchmark(documentCount: isQuick ? 270_000 : 2_200_000).run()
    }
    if isWanted("growth") {
        try GrowthBenchmark(
            smallCount: 20_000, largeCount: isQuick ? 200_000 : 2_000_000, connectionCount: 8, roundCount: roundCount,
            seconds: seconds
        ).run()
    }
    if isWanted("queue") {
        try QueueBenchmark(changeCount: isQuick ? 200_000 : 1_000_000).run()
    }
    if isWanted("feed") {
        try FeedBenchmark(changeCount: isQuick ? 200_000 : 1_000_000).run()
    }
    if isWanted("handlers") {
        try HandlerBenchmark(writerCount: 32, seconds: seconds).run()
    }
    if isWanted("gateway") {
        try GatewayBenchmark(roundCount: roundCount).run()
    }
    if isWanted("match") {
        try MatchBenchmark(roundCount: roundCount, seconds: seconds).run()
    }
    if names.contains("writes") {
        let seconds = isQuick ? 15.0 : 180.0
        try SustainedWritesBenchmark(connectionCount: 32, seconds: seconds, ratioMin: 3).run()
        try SustainedWritesBenchmark(connectionCount: 128, seconds: seconds, ratioMin: 4).run()
    }
    if isWanted("events") {
        try EventBenchmark(
            seconds: latencySeconds ?? seconds, handledCount: isQuick ? 50_000 : 200_000,
            waitingCount: isQuick ? 200_000 : 1_000_000
        ).run()
    }
    if names.contains("sustained") {
        try SustainedBenchmark(seconds: isQuick ? 20 : 180).run()
    }
} catch {
    FileHandle.standardError.write(Data("orrery-bench: \(error)\n".utf8))
    exit(1)
}
