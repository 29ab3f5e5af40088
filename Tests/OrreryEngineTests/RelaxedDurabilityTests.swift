import Foundation
@testable import OrreryEngine
import Synchronization
import Testing

/// What a crash may lose under relaxed durability, and what it may not.
@Suite struct RelaxedDurabilityTests {
    private func open(_ scratch: Scratch, milliseconds: Int, segmentBytes: Int = 1 << 20) throws -> Store {
        var configuration = EngineConfiguration()
        configuration.durability = .relaxed(milliseconds: milliseconds)
        configuration.segmentBytes = segmentBytes
        return try Store(directory: scratch.path, configuration: configuration)
    }

    @Test func whatWasWrittenAmidOtherWritesReachesTheLogInTime() throws {
        let scratch = try Scratch()
        let store = try open(scratch, milliseconds: 1)
        defer { store.close() }
        let container = try TestContainer(store)
        for round in 0..<20 {
            DispatchQueue.concurrentPerform(iterations: 4) { writer in
                for number in 0..<40 {
                    guard let write = try? container.upsert("\(writer)-\(number)", "k", "\(round)") else { continue }
                    #expect(container.commit(write).isSuccess)
                }
            }
            #expect(eventually { container.partition.currentView.unwritten.isEmpty }, "round \(round)")
        }
    }

    /// A group may be written, and the segment that holds it ended, while its committer is still at publishing it.
    @Test func aSegmentBeginsBehindWhatTheOneBeforeItHolds() throws {
        let scratch = try Scratch()
        let isSealed = DispatchSemaphore(value: 0)
        let looksLeft = Mutex(0)
        var configuration = EngineConfiguration()
        configuration.durability = .relaxed(milliseconds: 1)
        configuration.segmentBytes = 1 << 10
        configuration.segmentSealed = { _ in isSealed.signal() }
        configuration.clock = {
            let isLast = looksLeft.withLock { left in
                left -= 1
                return left == 0
            }
            if isLast { #expect(isSealed.wait(timeout: .now() + 20) == .success) }
            return 1_800_000_000_000
        }
        let store = try Store(directory: scratch.path, configuration: configuration)
        defer { store.close() }
        let container = try TestContainer(store, timeToLive: .after(seconds: 5000))
        let partition = container.partition
        // The opening's sweep looks at the clock, too.
        container.waitForFirstSweep()
        // A commit looks at it when it decides, and when what it wrote is there for all and its end is noted.
        looksLeft.withLock { $0 = 2 }
        let text = String(repeating: "x", count: 1 << 10)
        #expect(container.commit(try container.create("first", "k", text)).isSuccess)
        #expect(looksLeft.withLock { $0 } <= 0)
        #expect(container.commit(try container.create("second", "k", text)).isSuccess)
        #expect(eventually { partition.currentView.unwritten.isEmpty })
        for id in ["first", "second"] { #expect(try partition.item(container.key(id, "k")) != nil) }
    }

    @Test func afterACrashNoVersionIsBelowItsLSN() throws {
        let scratch = try Scratch()
        let store = try open(scratch, milliseconds: 60_000, segmentBytes: 1)
        defer { store.close() }
        let container = try TestContainer(store)
        for number in 0..<20 { _ = container.commit(try container.upsert("\(number)", "k", "lost")) }
        let segment = try #require(container.partition.currentView.segments.last)
        container.partition.sealIfFull(segment)
        let crashed = try scratch.copied()
        let second = try open(crashed, milliseconds: 60_000, segmentBytes: 1)
        defer { second.close() }
        let after = try TestContainer(second)
        let outcome = try #require(after.commit(try after.upsert("new", "k", "kept")).outcome)
        // Change feeds begin at a version number taken from an LSN.
        #expect(outcome.item.version >= outcome.item.lsn)
    }

    @Test func aCrashThatTookCommitsBackBeginsAnotherTimeline() throws {
        let scratch = try Scratch()
        let store = try open(scratch, milliseconds: 60_000)
        defer { store.close() }
        let container = try TestContainer(store)
        _ = container.commit(try container.upsert("kept", "k", ""))
        try container.partition.writeOut()
        let kept = container.partition.lsn
        let lost = try #require(container.commit(try container.create("lost", "k", "")).outcome)
        #expect(container.partition.timeline == .first)

        let crashed = try scratch.copied()
        let second = try open(crashed, milliseconds: 60_000)
        defer { second.close() }
        let after = try TestContainer(second)
        #expect(after.partition.timeline.number == 1)
        #expect(after.partition.lsn == kept)
        #expect(after.partition.timeline.keeps(lsn: kept, ofTimeline: 0))
        #expect(!after.partition.timeline.keeps(lsn: kept + 1, ofTimeline: 0))
        // The LSN is given again, but no resource id that anybody was told.
        let outcome = try #require(after.commit(try after.create("new", "k", "")).outcome)
        #expect(outcome.item.lsn == lost.item.lsn)
        #expect(outcome.item.documentNumber > lost.item.documentNumber)
        #expect(outcome.item.etag != lost.item.etag)
    }

    @Test func aCloseThatLosesNothingBeginsNone() throws {
        let scratch = try Scratch()
        for round in 0..<3 {
            let store = try open(scratch, milliseconds: 60_000)
            let container = try TestContainer(store)
            #expect(container.partition.timeline == .first, "round \(round)")
            _ = container.commit(try container.upsert("\(round)", "k", ""))
            store.close()
        }
    }

    @Test func noResourceIDComesTwiceAfterTwoCrashesInTurn() throws {
        var scratch = try Scratch()
        var given: Set<UInt64> = []
        for round in 0..<3 {
            let store = try open(scratch, milliseconds: 60_000)
            defer { store.close() }
            let container = try TestContainer(store)
            #expect(container.partition.timeline.number == round)
            for number in 0..<3 {
                let write = try container.create("\(round)-\(number)", "k", "")
                let outcome = try #require(container.commit(write).outcome)
                #expect(given.insert(outcome.item.documentNumber).inserted, "round \(round)")
            }
            scratch = try scratch.copied()
        }
    }
}
