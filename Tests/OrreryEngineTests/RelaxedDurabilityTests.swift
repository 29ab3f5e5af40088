import Foundation
@testable import OrreryEngine
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

    @Test func afterACrashNoVersionIsBelowItsLSN() throws {
        let scratch = try Scratch()
        let store = try open(scratch, milliseconds: 60_000, segmentBytes: 1)
        defer { store.close() }
        let container = try TestContainer(store)
        for number in 0..<20 { _ = container.commit(try container.upsert("\(number)", "k", "lost")) }
        let segment = try #require(container.partition.currentView.segments.last)
        container.partition.sealIfLarge(segment)
        let crashed = try scratch.copied()
        let second = try open(crashed, milliseconds: 60_000, segmentBytes: 1)
        defer { second.close() }
        let after = try TestContainer(second)
        let outcome = try #require(after.commit(try after.upsert("new", "k", "kept")).outcome)
        // Change feeds begin at a version number taken from an LSN.
        #expect(outcome.item.version >= outcome.item.lsn)
    }
}
