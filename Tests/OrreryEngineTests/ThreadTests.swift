import Foundation
import Synchronization
import Testing

@testable import OrreryEngine

/// Threads end with whoever began them, and locks let nobody in twice.
@Suite(.timeLimit(.minutes(1))) struct ThreadTests {
    private static var threadCount: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
    }

    @Test func threadsEndWithTheirPoolOrTimer() throws {
        let before = Self.threadCount
        var pools: [WorkerPool] = []
        var timers: [OrreryEngine.Timer] = []
        for _ in 0..<100 {
            pools.append(WorkerPool(threadCount: 1))
            timers.append(Timer())
        }
        #expect(Self.threadCount >= before + 100)
        (pools, timers) = ([], [])
        // Other tests begin threads of their own meanwhile, but not so many.
        while Self.threadCount >= before + 100 { sched_yield() }
    }

    @Test func jobsThatWereSubmittedRunThoughThePoolIsLetGoOf() {
        let count = Atomic(0)
        let done = DispatchSemaphore(value: 0)
        do {
            let pool = WorkerPool(threadCount: 2)
            for _ in 0..<100 {
                pool.submit { if count.add(1, ordering: .relaxed).newValue == 100 { done.signal() } }
            }
        }
        done.wait()
        #expect(count.load(ordering: .relaxed) == 100)
    }

    @Test func aLockLetsOneInAtATime() {
        let value = Lock(0)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<10_000 { value.withLock { $0 += 1 } }
        }
        #expect(value.withLock { $0 } == 80_000)
    }
}
