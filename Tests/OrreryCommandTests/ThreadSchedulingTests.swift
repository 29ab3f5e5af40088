import Foundation
import Testing

@testable import OrreryCommand

@Suite struct ThreadSchedulingTests {
    /// The processors that a thread may use which was told to stay on some, and then on others.
    private func processors(ofThreadOn first: [Int], then second: [Int]) async -> [Int] {
        await withCheckedContinuation { continuation in
            // One of its own: it stays there for good.
            Thread {
                ThreadScheduling.stay(on: first)
                ThreadScheduling.stay(on: second)
                continuation.resume(returning: ThreadScheduling.processors)
            }.start()
        }
    }

    @Test func threadsStayWhereTheyAreTold() async {
        let all = ThreadScheduling.processors
        #expect(!all.isEmpty)
        for processor in all {
            #expect(await processors(ofThreadOn: all, then: [processor]) == [processor])
            #expect(await processors(ofThreadOn: [processor], then: all) == all)
        }
    }
}
