import Dispatch
import OrreryDatabase
import OrreryEngine
import OrreryKeys
import Synchronization
import TestSupport
import Testing

/// Many threads write items that end soon while others read and list them, and time passes in leaps; a checker looks
/// through all they saw.
@Suite struct ConcurrentLifetimeTests {
    private static let threads = 8
    private static let stepsPerThread = 150

    @Test(arguments: [1, 2, 3] as [UInt64])
    func itemsEndInTimeAndNotBefore(_ seed: UInt64) throws {
        print("seed \(seed)")
        let history = LifetimeHistory()
        let scratch = ItemTests.Scratch()
        do {
            let (account, store) = try open(scratch, history)
            run(store, history, seed: seed)
            account.close()
        }
        // What has ended does not come back with a restart, and what has not is there.
        let (account, store) = try open(scratch, history)
        defer { account.close() }
        for id in history.ids { history.look(for: id) { store.isThere(id) } }
        history.list { store.list() }
        #expect(history.faults() == [], "seed \(seed)")
        let (there, gone) = history.certainties
        #expect(there > 100 && gone > 100, "seed \(seed): \(there) there, \(gone) gone")
    }

    @Test(arguments: LifetimeHistory.Fault.allCases)
    func theCheckerFindsAPlantedFault(_ fault: LifetimeHistory.Fault) throws {
        let history = LifetimeHistory()
        let (account, store) = try open(ItemTests.Scratch(), history)
        defer { account.close() }
        run(LifetimeStore(container: store.container, fault: fault), history, seed: 4)
        #expect(history.faults().contains(fault))
    }

    private func open(
        _ scratch: ItemTests.Scratch, _ history: LifetimeHistory
    ) throws -> (Account, LifetimeStore) {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 128
        configuration.mergeFanIn = 2
        configuration.clock = { history.nowMilliseconds }
        let (account, container) = try scratch.open(#","defaultTtl":-1"#, configuration)
        return (account, LifetimeStore(container: container))
    }

    private func run(_ store: LifetimeStore, _ history: LifetimeHistory, seed: UInt64) {
        DispatchQueue.concurrentPerform(iterations: Self.threads) { thread in
            var random = SplitMix64(seed: seed &+ UInt64(thread) &* 1_000_003)
            for step in 0..<Self.stepsPerThread {
                history.pass(milliseconds: Int64(random.next() % 40))
                switch random.next() % 8 {
                case 0, 1, 2:
                    // Some are written again before they end, and live longer.
                    let id = "\(thread)-\(random.next() % 2 == 0 ? step : step / 8)"
                    let seconds = Int(random.next() % 4) + 1
                    history.write(id, lifeMilliseconds: Int64(seconds) * 1000) { store.write(id, seconds: seconds) }
                case 3: history.list { store.list() }
                default:
                    guard let id = history.ids.randomElement(using: &random) else { continue }
                    history.look(for: id) { store.isThere(id) }
                }
            }
        }
    }
}

/// A container whose items say themselves when they end, now and then with a fault that a test plants.
private struct LifetimeStore: Sendable {
    let container: Container
    var fault: LifetimeHistory.Fault?
    private let turns = Turns()

    private final class Turns: Sendable {
        private let count = Atomic(0)
        var isDue: Bool { count.add(1, ordering: .relaxed).newValue % 5 == 0 }
    }

    init(container: Container, fault: LifetimeHistory.Fault? = nil) {
        self.container = container
        self.fault = fault
    }

    private func key(_ id: String) -> PartitionKey { PartitionKey([.string("k\(id.utf8.count)")]) }

    func write(_ id: String, seconds: Int) -> Bool {
        // One that lives longer than it says is seen after its end, one that lives shorter is missed.
        let isWrong = fault != nil && turns.isDue
        let ttl = isWrong && fault == .seenAfterItsEnd ? 1_000_000 : isWrong && fault == .endedTooEarly ? 1 : seconds
        let text = #"{"id":"\#(id)","pk":"k\#(id.utf8.count)","ttl":\#(ttl)}"#
        guard let document = try? Container.document(parsing: Array(text.utf8)),
            let operation = try? container.preparingCreate(document, partitionKey: nil, isUpsert: true)
        else { return false }
        let isDone = Mutex(false)
        let answered = DispatchSemaphore(value: 0)
        container.commit([operation]) { result in
            if case .success = result { isDone.withLock { $0 = true } }
            answered.signal()
        }
        answered.wait()
        return isDone.withLock { $0 }
    }

    func isThere(_ id: String) -> Bool {
        (try? container.item(id: Array(id.utf8), partitionKey: key(id))) != nil
    }

    func list() -> [String] {
        var ids: [String] = []
        var position: FeedPosition?
        repeat {
            guard let page = try? container.items(in: .container, from: position, itemCountMax: 1000) else { break }
            ids += page.items.map { String(decoding: $0.id, as: UTF8.self) }
            position = page.next
        } while position != nil
        return fault == .duplicate ? ids + ids.prefix(1) : ids
    }
}
