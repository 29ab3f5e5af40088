import Dispatch
import Foundation
import Synchronization
import Testing

@testable import OrreryEngine

/// Containers that are dropped, and stores that are closed, while something works on their files.
@Suite(.timeLimit(.minutes(1))) struct DroppedContainerTests {
    /// Comes in between, once, on the thread that works on the files: behind a flush, or in a trimming, which asks for
    /// the time.
    private final class Interruption: EngineObserver {
        private let atFlush = Mutex<(@Sendable () -> Void)?>(nil)
        private let atTrimming = Mutex<(@Sendable () -> Void)?>(nil)
        private let failures = Mutex<[String]>([])
        private let trimmed = Atomic(0)

        var messages: [String] { failures.withLock { $0 } }
        var trimmedSegments: Int { trimmed.load(ordering: .relaxed) }

        func afterFlush(_ body: @escaping @Sendable () -> Void) { atFlush.withLock { $0 = body } }
        func inTrimming(_ body: @escaping @Sendable () -> Void) { atTrimming.withLock { $0 = body } }

        /// An hour and more has gone by once a trimming is to be met.
        func time() -> Int64 {
            guard let body = atTrimming.withLock({ $0 }) else { return 1_000_000_000 }
            body()
            return 2_000_000_000
        }

        func deltaFlushed(versions: Int, nanoseconds: UInt64) { atFlush.withLock { $0.take() }?() }
        func logTrimmed(bytes: Int) { trimmed.add(1, ordering: .relaxed) }
        func maintenanceFailed(_ message: String) { failures.withLock { $0.append(message) } }
        func partitionFailed(_ message: String) { failures.withLock { $0.append(message) } }
    }

    private let scratch: Scratch
    private let interruption = Interruption()

    init() throws { scratch = try Scratch() }

    private func open(deltaVersionsMax: Int) throws -> Store {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = deltaVersionsMax
        configuration.frozenDeltasMax = 1000
        configuration.segmentBytes = 1 << 14
        configuration.observer = interruption
        configuration.clock = { [interruption] in interruption.time() }
        return try Store(directory: scratch.path, configuration: configuration)
    }

    private func drop(_ container: TestContainer, of store: Store) throws {
        _ = try store.catalog.delete(.container, container.container)
        store.removePartitions(of: container.container)
    }

    /// Stays at work until the partition knows that it goes. Answers whether its folder is still there by then.
    private static func stay(in partition: Partition) -> Bool {
        let hasFolder = { FileManager.default.fileExists(atPath: partition.directory) }
        return eventually { partition.isDiscarded || !hasFolder() } && hasFolder()
    }

    @Test func theFolderStaysUntilAFlushIsOver() throws {
        let store = try open(deltaVersionsMax: 10)
        defer { store.close() }
        let container = try TestContainer(store)
        let partition = container.partition
        let isFlushing = DispatchSemaphore(value: 0)
        let hadFolder = Mutex(false)
        interruption.afterFlush {
            isFlushing.signal()
            hadFolder.withLock { $0 = Self.stay(in: partition) }
        }
        // The second delta is flushed behind the first one.
        for number in 0..<20 { #expect(container.commit(try container.create("\(number)", "k", "")).isSuccess) }
        isFlushing.wait()
        try drop(container, of: store)
        #expect(hadFolder.withLock { $0 })
        #expect(!FileManager.default.fileExists(atPath: partition.directory))
        store.close()
        #expect(interruption.messages.isEmpty)
    }

    @Test func theFolderStaysUntilATrimmingIsOver() throws {
        let store = try open(deltaVersionsMax: 50)
        defer { store.close() }
        let container = try TestContainer(store)
        let partition = container.partition
        let hadFolder = Mutex(false)
        try meetTrimming(of: container) { hadFolder.withLock { $0 = Self.stay(in: partition) } }
        try drop(container, of: store)
        #expect(hadFolder.withLock { $0 })
        #expect(!FileManager.default.fileExists(atPath: partition.directory))
        store.close()
        #expect(interruption.messages.isEmpty)
    }

    /// What waits for a thread that is at another partition finds this one gone, whenever that is.
    @Test func nobodyWaitsForFlushesThatHaveNotBegun() throws {
        let store = try open(deltaVersionsMax: 10)
        defer { store.close() }
        let (other, container) = (try TestContainer(store, named: "other"), try TestContainer(store))
        let isFlushing = DispatchSemaphore(value: 0)
        let mayGoOn = DispatchSemaphore(value: 0)
        defer { mayGoOn.signal() }
        interruption.afterFlush {
            isFlushing.signal()
            mayGoOn.wait()
        }
        for number in 0..<10 { #expect(other.commit(try other.create("\(number)", "k", "")).isSuccess) }
        isFlushing.wait()
        for number in 0..<10 { #expect(container.commit(try container.create("\(number)", "k", "")).isSuccess) }
        try drop(container, of: store)
        #expect(!FileManager.default.fileExists(atPath: container.partition.directory))
        mayGoOn.signal()
        store.close()
        #expect(interruption.messages.isEmpty)
    }

    /// A split learns late that its container is gone, and removes what it has built by itself.
    @Test func aSplitKeepsItsFoldersUntilItGivesUp() throws {
        let store = try open(deltaVersionsMax: 10)
        defer { store.close() }
        let container = try TestContainer(store)
        _ = try store.catalog.insertPartition(0, of: container.container, body: [])
        for number in 0..<50 {
            #expect(container.commit(try container.create("\(number)", number % 2 == 0 ? "a" : "z", "")).isSuccess)
        }
        let split = try store.beginSplit(of: container.partition, at: Array("m".utf8), into: (1, 2))
        try drop(container, of: store)
        try split.copy(isCancelled: { false })
        #expect(throws: EngineError.closed) { try split.takeOver(([], [])) }
        split.abandon()
        #expect(Folder.names(scratch.file("partitions")).isEmpty)
        store.close()
        #expect(interruption.messages.isEmpty)
    }

    @Test func aStoreThatIsClosedEndsATrimming() throws {
        let store = try open(deltaVersionsMax: 50)
        let container = try TestContainer(store)
        let partition = container.partition
        try meetTrimming(of: container) { _ = eventually { partition.isEnding } }
        store.close()
        #expect(interruption.trimmedSegments == 0)
        #expect(interruption.messages.isEmpty)
        // The next opening goes on with it.
        let again = try open(deltaVersionsMax: 50)
        defer { again.close() }
        let reopened = try TestContainer(again)
        #expect(reopened.partition.itemCount == 1)
        #expect(eventually { interruption.trimmedSegments > 0 })
    }

    /// Returns once a log is being trimmed that has much to be trimmed; `body` is called in the midst of it.
    private func meetTrimming(of container: TestContainer, _ body: @escaping @Sendable () -> Void) throws {
        for value in 1...1000 { #expect(container.commit(try container.upsert("counter", "k", "\(value)")).isSuccess) }
        #expect(eventually { container.partition.statistics.frozenDeltas == 0 })
        let isMet = DispatchSemaphore(value: 0)
        let hasBegun = Mutex(false)
        interruption.inTrimming {
            let isFirst = hasBegun.withLock { hasBegun in
                defer { hasBegun = true }
                return !hasBegun
            }
            guard isFirst else { return }
            isMet.signal()
            body()
        }
        // One that looked before the time had come may just be at its end.
        let isTrimming = eventually {
            container.partition.changeRetention(toMilliseconds: nil)
            return isMet.wait(timeout: .now()) == .success
        }
        try #require(isTrimming)
    }
}
