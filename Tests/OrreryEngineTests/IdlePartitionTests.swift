import Foundation
import OrreryKeys
import Synchronization
import Testing

@testable import OrreryEngine

@Suite struct IdlePartitionTests {
    private func store(_ scratch: Scratch, openMax: Int, relaxed: Bool = false) throws -> Store {
        var configuration = EngineConfiguration()
        configuration.openPartitionsMax = openMax
        if relaxed { configuration.durability = .relaxed(milliseconds: 20) }
        return try Store(directory: scratch.path, configuration: configuration)
    }

    /// A container with one item, in one partition.
    private func filled(_ store: Store, _ name: String) throws -> TestContainer {
        let container = try TestContainer(store, named: name)
        if try container.partition.item(container.key("1", "k")) == nil {
            #expect(container.commit(try container.create("1", "k", name)).isSuccess)
        }
        return container
    }

    @Test func noMoreStayOpenThanMayAndNothingIsLost() throws {
        let scratch = try Scratch()
        let store = try store(scratch, openMax: 8)
        defer { store.close() }
        for round in 0..<2 {
            for number in 0..<40 {
                let container = try filled(store, "c\(number)")
                let item = try #require(try container.partition.item(container.key("1", "k")))
                #expect(container.payload(item) == "c\(number)", "round \(round)")
            }
            // The last one was still in hand when it was opened.
            #expect(store.openPartitions.count <= 8)
            #expect(store.uses.openCount == store.openPartitions.count)
        }
    }

    @Test func thoseUsedLastStay() throws {
        let scratch = try Scratch()
        let store = try store(scratch, openMax: 4)
        defer { store.close() }
        for number in 0..<4 { _ = try filled(store, "c\(number)") }
        // Asked for again, so that the next one is the oldest.
        let kept = try filled(store, "c0").container
        _ = try filled(store, "c4")
        let open = Set(store.openPartitions.map(\.container))
        #expect(open.contains(kept))
        #expect(open.count == 4)
    }

    @Test func whatIsInUseStaysOpen() throws {
        let scratch = try Scratch()
        let store = try store(scratch, openMax: 1)
        defer { store.close() }
        let (first, snapshot) = try {
            let container = try filled(store, "read")
            return (container.container, container.partition.snapshot())
        }()
        let (second, wait) = try {
            let container = try filled(store, "awaited")
            return (container.container, container.partition.wait(after: container.partition.lsn) { _ in })
        }()
        for number in 0..<5 { _ = try filled(store, "c\(number)") }
        let open = Set(store.openPartitions.map(\.container))
        #expect(open.isSuperset(of: [first, second]))
        #expect(snapshot.itemCount == 1)
        wait.cancel()
    }

    @Test func whatIsNotWrittenYetStaysOpen() throws {
        let scratch = try Scratch()
        let store = try store(scratch, openMax: 1, relaxed: true)
        defer { store.close() }
        for number in 0..<20 { _ = try filled(store, "c\(number)") }
        for number in 0..<20 {
            let container = try TestContainer(store, named: "c\(number)")
            #expect(try container.partition.item(container.key("1", "k")) != nil)
        }
    }

    @Test func aLongDeltaBecomesARunBeforeItIsClosed() throws {
        let scratch = try Scratch()
        let store = try store(scratch, openMax: 1)
        defer { store.close() }
        let id = try {
            let container = try filled(store, "long")
            for batch in 0..<25 {
                let writes = try (0..<100).map { try container.upsert("\(batch)-\($0)", "k", "x") }
                #expect(container.commit(writes).isSuccess)
            }
            return container.container
        }()
        #expect(try eventually {
            _ = try filled(store, "a")
            _ = try filled(store, "b")
            return !store.openPartitions.contains { $0.container == id }
        })
        let container = try TestContainer(store, named: "long")
        #expect(container.partition.itemCount == 2501)
        #expect(container.partition.statistics.deltaVersions == 0)
    }

    /// Many threads on more partitions than may be open: each counts up in all of them, with a condition on what it
    /// read, and no step may be lost.
    @Test func nothingIsLostWhilePartitionsComeAndGo() throws {
        let scratch = try Scratch()
        let store = try store(scratch, openMax: 3)
        defer { store.close() }
        let (containers, threads, steps) = (12, 6, 30)
        for number in 0..<containers {
            let container = try TestContainer(store, named: "c\(number)")
            #expect(container.commit(try container.create("1", "k", "0")).isSuccess)
        }
        let failures = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            for step in 0..<steps {
                let name = "c\((thread * 5 + step) % containers)"
                do {
                    while true {
                        let container = try TestContainer(store, named: name)
                        guard let item = try container.partition.item(container.key("1", "k")),
                            let count = Int(container.payload(item))
                        else { throw CocoaError(.fileNoSuchFile) }
                        let write = try container.replace("1", "k", "\(count + 1)", .match(item.etag))
                        if container.commit(write).isSuccess { break }
                    }
                } catch {
                    failures.add(1, ordering: .relaxed)
                }
            }
        }
        #expect(failures.load(ordering: .relaxed) == 0)
        var sum = 0
        for number in 0..<containers {
            let container = try TestContainer(store, named: "c\(number)")
            let item = try #require(try container.partition.item(container.key("1", "k")))
            sum += Int(container.payload(item)) ?? 0
        }
        #expect(sum == threads * steps)
    }
}
