import Foundation
import OrreryEngine
import Testing

/// A partition key holds so much and no more (features and limits: 20 GB a logical partition).
@Suite struct PartitionKeyLimitTests {
    private static let bytesMax = 200_000

    private func open(
        _ scratch: Scratch, segmentBytes: Int = 1 << 14, pauseMilliseconds: Int = 0
    ) throws -> Store {
        var configuration = EngineConfiguration()
        configuration.segmentBytes = segmentBytes
        configuration.partitionKeyBytesMax = Self.bytesMax
        configuration.keyWeighingPauseMilliseconds = pauseMilliseconds
        return try Store(directory: scratch.path, configuration: configuration)
    }

    private let payload = String(repeating: "x", count: 1000)

    @Test func aFullKeyTakesNoMoreUntilItHasShrunk() throws {
        let scratch = try Scratch()
        let store = try open(scratch)
        let container = try TestContainer(store)
        var count = 0
        var refusal: ItemWriteError?
        // The other key has half as much, and is not full when the first one is.
        while refusal == nil, count < 2000 {
            refusal = container.commit(try container.create("\(count)", "full", payload)).error
            if count % 2 == 0 { _ = container.commit(try container.create("\(count)", "other", payload)) }
            count += 1
        }
        guard case .partitionKeyFull? = refusal else {
            Issue.record("\(String(describing: refusal)) after \(count) items")
            return
        }
        // Weighed when a segment is sealed, the key may have grown by about one segment beyond.
        #expect((Self.bytesMax / 1100...Self.bytesMax / 1000 + 60).contains(count), "\(count) items")
        #expect(container.commit(try container.create("last", "other", payload)).isSuccess)
        #expect(container.commit(try container.replace("0", "full", "shorter")).isSuccess)
        #expect(!container.commit(try container.upsert("0", "full", payload)).isSuccess)
        store.close()

        // After an opening the key is full from the start, or as soon as a look was had.
        let again = try open(scratch)
        defer { again.close() }
        let reopened = try TestContainer(again)
        let isRefused = eventually { (try? reopened.create("\(UUID())", "full", self.payload))
            .map { reopened.commit($0).error != nil } ?? false }
        #expect(isRefused)
        for number in 0..<(count / 2) { _ = reopened.commit(try reopened.delete("\(number)", "full")) }
        // A refusal has the key weighed anew.
        let isTaken = eventually { (try? reopened.create("\(UUID())", "full", self.payload))
            .map { reopened.commit($0).isSuccess } ?? false }
        #expect(isTaken)
    }
    @Test func refusedWritesHaveKeysWeighedOnceInAWhile() throws {
        let scratch = try Scratch()
        let filled = try open(scratch)
        let container = try TestContainer(filled)
        var count = 0
        while count < 2000, container.commit(try container.create("\(count)", "full", payload)).isSuccess { count += 1 }
        try #require(count < 2000)
        filled.close()

        // Here keys are weighed at the opening, and not when a segment is sealed.
        let store = try open(scratch, segmentBytes: 64 << 20, pauseMilliseconds: 3_600_000)
        defer { store.close() }
        let reopened = try TestContainer(store)
        func isRefused() throws -> Bool {
            reopened.commit(try reopened.create("\(UUID())", "full", payload)).error != nil
        }
        try #require(eventually { try isRefused() })
        for number in 0..<count { _ = reopened.commit(try reopened.delete("\(number)", "full")) }
        for _ in 0..<100 { #expect(try isRefused()) }
    }
}
