import Dispatch
import OrreryDocuments
import OrreryHTTP
import Synchronization
import Testing

@testable import OrreryGateway

@Suite struct FairQueueTests {
    private final class Order: Sendable {
        private let names = Mutex<[String]>([])
        func add(_ name: String) { names.withLock { $0.append(name) } }
        var all: [String] { names.withLock { $0 } }
    }

    @Test func callersTakeTurns() {
        let queue = FairQueue(callsMax: 1, waitingMaxOfCaller: 3)
        let order = Order()
        #expect(queue.enter("burst") { _ in }.0 == .runs)
        for number in 1...3 { #expect(queue.enter("burst") { _ in order.add("burst \(number)") }.0 == .waits) }
        #expect(queue.enter("burst") { _ in }.0 == .refused)
        for number in 1...2 { #expect(queue.enter("other") { _ in order.add("other \(number)") }.0 == .waits) }
        for _ in 0..<6 { queue.leave() }
        #expect(order.all == ["burst 1", "other 1", "burst 2", "other 2", "burst 3"])
        #expect(queue.counts == (0, 0) && queue.enter("x") { _ in }.0 == .runs)
    }

    @Test func whoGaveUpIsPassedBy() {
        let queue = FairQueue(callsMax: 1, waitingMaxOfCaller: 3)
        let order = Order()
        _ = queue.enter("a") { _ in }
        let (_, number) = queue.enter("a") { order.add("first \($0)") }
        _ = queue.enter("a") { order.add("second \($0)") }
        queue.giveUp("a", number)
        queue.giveUp("a", number)
        queue.leave()
        #expect(order.all == ["first false", "second true"] && queue.counts == (1, 0))
    }

    /// Calls that end where they begin do not begin one another from within.
    @Test func manyCallsThatEndAtOnce() {
        let queue = FairQueue(callsMax: 2, waitingMaxOfCaller: 100_000)
        let ended = Atomic(0)
        for _ in 0..<2 { #expect(queue.enter("a") { _ in }.0 == .runs) }
        for _ in 0..<50_000 {
            _ = queue.enter("a") { _ in
                ended.add(1, ordering: .relaxed)
                queue.leave()
            }
        }
        for _ in 0..<2 { queue.leave() }
        #expect(ended.load(ordering: .relaxed) == 50_000 && queue.counts == (0, 0))
    }

    /// A call that takes its time on the thread that let it go on does not keep other threads from doing the same.
    @Test func threadsHandOnAtTheSameTime() {
        let queue = FairQueue(callsMax: 2, waitingMaxOfCaller: 2)
        for _ in 0..<2 { _ = queue.enter("a") { _ in } }
        let (isRunning, isOver) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let meeting = Atomic(false)
        _ = queue.enter("a") { _ in
            isRunning.signal()
            meeting.store(isOver.wait(timeout: .now() + 10) == .success, ordering: .sequentiallyConsistent)
        }
        _ = queue.enter("a") { _ in isOver.signal() }
        let done = DispatchGroup()
        DispatchQueue(label: "first").async(group: done) { queue.leave() }
        isRunning.wait()
        queue.leave()
        done.wait()
        let haveMet = meeting.load(ordering: .sequentiallyConsistent)
        #expect(haveMet)
    }

    @Test func oneTenantsBurstDoesNotTakeAnothersShare() throws {
        let gateway = try TestGateway([
            #"{"kind":"api","id":"a","path":"/a","requiresSubscription":false,"policies":["#
                + #"{"policy":"fair-queue","calls":2,"waiting":5,"key":"{request.headers.x-tenant}"}],"#
                + #""operations":[{"id":"o","method":"GET","backend":{"handler":"late"}}]}"#
        ])
        let burst = (0..<10).map { _ in gateway.begin("GET", "/a", [("x-tenant", "burst")]) }
        #expect(burst.map { $0.answer?.status ?? 0 } == [0, 0, 0, 0, 0, 0, 0, 503, 503, 503])
        let other = gateway.begin("GET", "/a", [("x-tenant", "other")])
        gateway.answerLate()
        gateway.answerLate()
        #expect(other.answer?.status == 200)
        #expect(burst.count { $0.answer?.status == 200 } == 3)
        gateway.pass(seconds: 10)
        #expect(burst.count { $0.answer?.status == 503 } == 5)
        gateway.answerLate()
        #expect(burst.allSatisfy { $0.answer != nil })
    }
}
