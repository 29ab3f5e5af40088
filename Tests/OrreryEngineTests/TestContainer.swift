import Foundation
@testable import OrreryEngine
import OrreryKeys
import Synchronization
import Testing

/// A partition of a container made for the test, with writes that wait for their acknowledgement.
struct TestContainer {
    let partition: Partition
    let container: ResourceID

    enum CommitResult {
        case success(ItemCommitOutcome)
        case failure(ItemCommitError)

        var isSuccess: Bool { if case .success = self { true } else { false } }
        var outcome: ItemOutcome? { if case .success(let all) = self { all.outcomes.first } else { nil } }
        var error: ItemWriteError? { if case .failure(let error) = self { error.error } else { nil } }
    }

    init(
        _ store: Store, named name: String = "c", rangeNumber: UInt64 = 0, selection: IndexSelection = .none,
        timeToLive: TimeToLivePolicy = .off
    ) throws {
        let catalog = store.catalog
        let database =
            try catalog.find(.database, under: nil, id: "db")
            ?? catalog.insert(.database, under: nil, id: "db") { _ in [] }
        let record =
            try catalog.find(.container, under: database.resourceID, id: name)
            ?? catalog.insert(.container, under: database.resourceID, id: name) { _ in [] }
        container = record.resourceID
        partition = try store.partition(
            of: container, rangeNumber: rangeNumber,
            settings: { PartitionSettings(selection: selection, timeToLive: timeToLive) })
    }

    func key(_ id: String, _ partitionKey: String) -> ItemKey {
        ItemKey(effectiveKey: effectiveKey(partitionKey), partitionKey: Array(partitionKey.utf8), id: Array(id.utf8))
    }

    private func effectiveKey(_ partitionKey: String) -> [UInt8] {
        Array((partitionKey + "................").utf8.prefix(16))
    }

    func scope(_ partitionKey: String) -> PartitionSnapshot.Scope {
        .partitionKey(effectiveKey: effectiveKey(partitionKey), partitionKey: Array(partitionKey.utf8))
    }

    /// A body with its placeholders first and the payload last.
    func body(_ payload: String, timeToLive: Int32 = 0) throws -> ItemBody {
        let text = Array((String(repeating: "#", count: 24 + 24 + 36 + 10) + payload).utf8)
        return try #require(
            ItemBody(
                text: text, resourceIDOffset: 0, selfOffset: 24, etagOffset: 48, timestampOffset: 84,
                timeToLiveSeconds: timeToLive))
    }

    /// Returns once the sweep is over that an opening with a time to live has run.
    func waitForFirstSweep() {
        #expect(eventually { partition.sweep.withLock { $0.dueMilliseconds } == .max })
        // It is being run by then, and another job of its one thread comes behind it.
        let isOver = DispatchSemaphore(value: 0)
        partition.pools.mergers.submit { isOver.signal() }
        isOver.wait()
    }

    /// The path of what ``body(number:)`` has.
    static let numberPath = IndexPath([.property(Array("n".utf8))])
    /// Has it indexed and nothing else.
    static let byNumber = IndexSelection([.init(path: numberPath, coversSubtree: false, isIncluded: true)])

    static func numbers(_ numbers: ClosedRange<Double>) -> IndexCondition {
        .range(numberPath, IndexValue(number: numbers.lowerBound)...IndexValue(number: numbers.upperBound))
    }

    /// Creates an item of a number.
    func create(_ id: String, number: Int) throws {
        let write = ItemWrite(key: key(id, "k"), operation: .create(try body(number: number)))
        try #require(commit(write).isSuccess)
    }

    /// A body that is a document with a member `n`: its placeholders stand in a string.
    func body(number: Int) throws -> ItemBody {
        let text = "{\"s\":\"" + String(repeating: "0", count: 94) + "\",\"n\":\(number)}"
        return try #require(
            ItemBody(
                text: Array(text.utf8), resourceIDOffset: 6, selfOffset: 30, etagOffset: 54, timestampOffset: 90))
    }

    func payload(_ item: Item) -> String { String(decoding: item.text.dropFirst(94), as: UTF8.self) }

    func create(_ id: String, _ partitionKey: String, _ payload: String) throws -> ItemWrite {
        ItemWrite(key: key(id, partitionKey), operation: .create(try body(payload)))
    }

    func upsert(
        _ id: String, _ partitionKey: String, _ payload: String, _ precondition: ItemWrite.Precondition = .none
    ) throws -> ItemWrite {
        ItemWrite(key: key(id, partitionKey), operation: .upsert(try body(payload)), precondition: precondition)
    }

    func replace(
        _ id: String, _ partitionKey: String, _ payload: String, _ precondition: ItemWrite.Precondition = .none
    ) throws -> ItemWrite {
        ItemWrite(key: key(id, partitionKey), operation: .replace(try body(payload)), precondition: precondition)
    }

    func delete(
        _ id: String, _ partitionKey: String, _ precondition: ItemWrite.Precondition = .none
    ) throws -> ItemWrite {
        ItemWrite(key: key(id, partitionKey), operation: .delete, precondition: precondition)
    }

    /// Commits and waits for the acknowledgement.
    func commit(_ writes: ItemWrite...) -> CommitResult { commit(writes) }

    func commit(_ writes: [ItemWrite], checkpoint: CheckpointChange? = nil) -> CommitResult {
        let answer = Answer()
        partition.commit(ItemCommit(writes: writes, checkpoint: checkpoint) { answer.set($0) })
        return answer.wait()
    }

    /// Deletes all of a partition key and waits. Answers how many items went.
    func deletePartitionKey(_ partitionKey: String) -> Int? {
        let answer = Answer()
        partition.commit(
            ItemCommit(deletingItemsOf: effectiveKey(partitionKey), partitionKey: Array(partitionKey.utf8)) {
                answer.set($0)
            })
        guard case .success(let outcome) = answer.wait() else { return nil }
        return outcome.removal.itemCount
    }

    private final class Answer: Sendable {
        private let result = Mutex<CommitResult?>(nil)
        private let isThere = DispatchSemaphore(value: 0)

        func set(_ result: Result<ItemCommitOutcome, ItemCommitError>) {
            let answer: CommitResult =
                switch result {
                case .success(let outcome): .success(outcome)
                case .failure(let error): .failure(error)
                }
            self.result.withLock { $0 = answer }
            isThere.signal()
        }

        func wait() -> CommitResult {
            isThere.wait()
            guard let result = result.withLock({ $0 }) else { fatalError("signalled without an answer") }
            return result
        }
    }
}

/// The same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
