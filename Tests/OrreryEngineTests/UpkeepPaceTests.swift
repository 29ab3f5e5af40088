import Dispatch
@testable import OrreryEngine
import OrreryLMDB
import Testing

extension UpkeepPace {
    /// Never pauses.
    static var none: UpkeepPace { UpkeepPace { 0 } }
}

/// Flushes and merges leave the processors to others now and then.
@Suite struct UpkeepPaceTests {
    /// A clock that others move, and what was slept.
    private final class Time {
        var now: UInt64 = 0
        var sleeps: [UInt64] = []

        func pace(_ pause: @escaping () throws(EngineError) -> UInt64) -> UpkeepPace {
            UpkeepPace(pause, clock: { self.now }, sleep: { self.sleeps.append($0) })
        }
    }

    @Test func aPauseFollowsEachStretch() throws {
        let time = Time()
        var due: UInt64 = 7
        let pace = time.pace { due }
        try pace.breathe()
        time.now += UpkeepPace.stretchNanoseconds - 1
        try pace.breathe()
        #expect(time.sleeps.isEmpty)
        time.now += 1
        try pace.breathe()
        try pace.breathe()
        #expect(time.sleeps == [7])
        time.now += UpkeepPace.stretchNanoseconds
        due = 9
        try pace.breathe()
        #expect(time.sleeps == [7, 9])
        time.now += UpkeepPace.stretchNanoseconds
        due = 0
        try pace.breathe()
        #expect(time.sleeps == [7, 9])
    }

    /// Nothing pauses while writers are about to wait, and who falls behind pauses less.
    @Test func whatPilesUpIsWorkedOffWithoutPauses() {
        let flushes = (0...5).map { UpkeepPace.flushPauseNanoseconds(waitingDeltas: $0) }
        #expect(flushes == flushes.sorted(by: >))
        #expect(flushes[1] > 0)
        #expect(flushes[EngineConfiguration().frozenDeltasMax - 1] == 0)
        #expect(UpkeepPace.mergePauseNanoseconds(runs: 24, runsMax: 48) > 0)
        #expect(UpkeepPace.mergePauseNanoseconds(runs: 25, runsMax: 48) == 0)
    }

    @Test func aTableIsWrittenInStretches() throws {
        let scratch = try Scratch()
        let environment = try Environment(
            path: scratch.file("run-1.lmdb"), mapBytes: 1 << 30, databasesMax: 2, options: [.noSync, .noLock])
        let time = Time()
        var writer = try TableWriter(environment, "table", pace: time.pace { 1 })
        for number in 0..<1000 {
            time.now += UpkeepPace.stretchNanoseconds
            var key: [UInt8] = []
            key.append(bigEndian: UInt64(number))
            try writer.append(key, [UInt8](repeating: 7, count: 1016))
        }
        try writer.finish()
        // After each four kilobytes.
        #expect(time.sleeps.count == 250)
    }

    /// A merge goes no further than to its next pause.
    @Test func closingEndsAMerge() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        let pace = try TestContainer(store).partition.mergePace()
        store.close()
        let end = MonotonicClock.nanoseconds() + 10_000_000_000
        #expect(throws: EngineError.closed) {
            while MonotonicClock.nanoseconds() < end { try pace.breathe() }
        }
    }

    /// Writers that wait for merges do not do so for ever when the merges end without having come to anything.
    @Test func closingLetsWaitingWritersGo() throws {
        let scratch = try Scratch()
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 2000
        configuration.groupBytesMax = 64 << 10
        configuration.mergeFanIn = 2
        configuration.runsMax = 1
        let store = try Store(directory: scratch.path, configuration: configuration)
        let container = try TestContainer(store)
        let partition = container.partition
        for number in 0..<30_000 {
            let write = try container.upsert("\(number)", "k", "payload")
            partition.commit(ItemCommit(writes: [write]) { _ in })
        }
        #expect(eventually { partition.statistics.runs > 1 })
        let isClosed = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            store.close()
            isClosed.signal()
        }
        #expect(isClosed.wait(timeout: .now() + 60) == .success)
    }
}
