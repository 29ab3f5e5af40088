import Foundation
@testable import OrreryEngine
import Synchronization
import Testing

/// Segments that are written over room which was laid out while the ones before them filled.
@Suite struct LogRoomTests {
    private static let segmentBytes = 8 << 20
    private static let payload = String(repeating: "x", count: 60_000)

    private func store(_ scratch: Scratch, segmentBytes: Int = segmentBytes) throws -> Store {
        var configuration = EngineConfiguration()
        configuration.segmentBytes = segmentBytes
        return try Store(directory: scratch.path, configuration: configuration)
    }

    /// Writes items, each when the room has grown as far as the one before it asked for.
    private func write(_ container: TestContainer, items count: Int, payload: String = payload) throws {
        for _ in 0..<count {
            #expect(container.commit(try container.create("\(UUID())", "k", payload)).isSuccess)
            container.partition.nextRoom.wait { $0.isGrowing ? nil : () }
        }
    }

    /// Writes items in that way until there are so many segments. Answers how many it took.
    private func write(
        _ container: TestContainer, untilSegments count: Int, itemsMax: Int = 400
    ) throws -> Int {
        for number in 0..<itemsMax {
            if container.partition.currentView.segments.count == count { return number }
            try write(container, items: 1)
        }
        Issue.record("no \(count) segments after \(itemsMax) items")
        return itemsMax
    }

    @Test func roomsGrowWithTheLog() throws {
        let scratch = try Scratch()
        let store = try store(scratch)
        let container = try TestContainer(store)
        let written = try write(container, untilSegments: 3)
        let segments = container.partition.currentView.segments
        #expect(segments.map(\.roomBytes) == [1 << 20, 4 << 20, 8 << 20])
        // Each ended with its room, far from the size of a segment.
        for segment in segments.dropLast() {
            #expect(segment.usedBytes >= segment.roomBytes && segment.usedBytes < segment.roomBytes + (1 << 18))
        }
        let size = try FileManager.default.attributesOfItem(atPath: segments[2].path)[.size] as? Int
        #expect(size == 8 << 20)

        // A crash leaves zeros behind the last group, and the next room half made.
        try write(container, items: 60)
        #expect(try scratch.partitionFiles("room-").count == 1)
        let crashed = try scratch.copied()
        #expect(try crashed.partitionFiles("room-").count == 1)
        let second = try self.store(crashed)
        #expect(try TestContainer(second).partition.itemCount == written + 60)
        #expect(try crashed.partitionFiles("room-").isEmpty)
        second.close()

        store.close()
        #expect(try scratch.partitionFiles("room-").isEmpty)
        let third = try self.store(scratch)
        let reopened = try TestContainer(third)
        #expect(reopened.partition.itemCount == written + 60)
        // What was room is cut off, and the segment counts as one without.
        let last = try #require(reopened.partition.currentView.segments.last)
        #expect(last.roomBytes == 1 << 20 && last.roomEnd == last.usedBytes + last.roomBytes)
        third.close()
    }

    /// To write zeros for them first would be half of the work.
    @Test func largeGroupsLengthenTheFile() throws {
        let scratch = try Scratch()
        let store = try store(scratch)
        let container = try TestContainer(store)
        let large = String(repeating: "x", count: LogRoom.groupBytesMax)
        for _ in 0..<40 where container.partition.currentView.segments.count < 2 {
            try write(container, items: 1, payload: large)
        }
        try write(container, items: 4, payload: large)
        #expect(container.partition.currentView.segments.map(\.roomBytes) == [1 << 20, 1 << 20])
        #expect(try scratch.partitionFiles("room-").isEmpty)
        // Small ones find room again.
        _ = try write(container, untilSegments: 3)
        #expect(container.partition.currentView.segments.map(\.roomBytes).last == 4 << 20)
        store.close()
    }

    @Test func aRoomNeedNotBeOfWholeSteps() throws {
        let scratch = try Scratch()
        let store = try store(scratch, segmentBytes: 3_000_000)
        let container = try TestContainer(store)
        _ = try write(container, untilSegments: 3)
        #expect(container.partition.currentView.segments.map(\.roomBytes) == [1 << 20, 3_000_000, 3_000_000])
        store.close()
    }

    @Test func aRoomThatIsLateIsForTheSegmentAfter() throws {
        let scratch = try Scratch()
        let store = try store(scratch)
        let container = try TestContainer(store)
        _ = try write(container, untilSegments: 2)
        // The second segment is half full, and the room for the third begun, when nobody makes any more of it.
        try write(container, items: 35)
        let madeBytes = container.partition.nextRoom.withLock { next in
            next.isGrowing = true
            return next.room?.madeBytes ?? 0
        }
        #expect(madeBytes > 4 << 20 && madeBytes < 8 << 20)
        while container.partition.currentView.segments.count == 2 {
            _ = container.commit(try container.create("\(UUID())", "k", Self.payload))
        }
        // Not even a whole one is given away while somebody is at it.
        #expect(container.partition.nextRoom.withLock { $0.whole } == nil)
        container.partition.nextRoom.withLock { $0.isGrowing = false }
        _ = try write(container, untilSegments: 4)
        let segments = container.partition.currentView.segments
        #expect(segments.map(\.roomBytes) == [1 << 20, 4 << 20, 1 << 20, 8 << 20])
        #expect(segments[1].usedBytes >= Self.segmentBytes && segments[2].usedBytes < Self.segmentBytes)
        store.close()
    }

    @Test func aRoomThatCannotBeMadeCostsNothingElse() throws {
        let scratch = try Scratch()
        let store = try store(scratch)
        let container = try TestContainer(store)
        // In the place of the next file.
        let number = container.partition.files.withLock { $0.nextFileNumber }
        let path = try scratch.partitionFolder() + "/" + LogRoom.fileName(number: number)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        _ = try write(container, untilSegments: 2)
        let segments = container.partition.currentView.segments
        #expect(segments[0].usedBytes >= Self.segmentBytes && segments[1].roomBytes == 1 << 20)
        // The next one is tried again.
        _ = try write(container, untilSegments: 3)
        #expect(container.partition.currentView.segments.last?.roomBytes == 4 << 20)
        store.close()
    }
}
