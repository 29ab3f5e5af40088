import Foundation
import OrreryEngine
import Synchronization
import Testing

/// Commits that are decided together.
@Suite struct CommitGroupTests {
    @Test func aRefusedCommitTakesNoNumbersFromTheOthersOfItsGroup() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        defer { store.close() }
        let container = try TestContainer(store)
        let versions = Mutex<[UInt64]>([])
        let answered = DispatchGroup()
        for number in 0..<200 {
            var writes = [try container.create("\(number)", "k", "")]
            // Every second commit is refused after it staged a write, most of them amid a group.
            if number % 2 == 1 { writes.append(try container.delete("absent", "k")) }
            answered.enter()
            container.partition.commit(
                ItemCommit(writes: writes) { result in
                    if case .success(let outcome) = result {
                        versions.withLock { $0 += outcome.outcomes.map(\.item.version) }
                    }
                    answered.leave()
                })
        }
        #expect(answered.wait(timeout: .now() + 30) == .success)
        #expect(versions.withLock { $0.sorted() } == Array(1...100))
        #expect(container.partition.lsn == 100)
        #expect(container.partition.itemCount == 100)
    }

    @Test func commitsOfOneGroupSeeThoseBeforeThem() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        defer { store.close() }
        let container = try TestContainer(store)
        let created = Atomic(0)
        let answered = DispatchGroup()
        for _ in 0..<100 {
            answered.enter()
            container.partition.commit(
                ItemCommit(writes: [try container.create("one", "k", "")]) { result in
                    if case .success = result { created.add(1, ordering: .relaxed) }
                    answered.leave()
                })
        }
        #expect(answered.wait(timeout: .now() + 30) == .success)
        #expect(created.load(ordering: .relaxed) == 1)
    }
}
