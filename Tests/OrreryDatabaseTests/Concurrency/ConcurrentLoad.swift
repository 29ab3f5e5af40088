import Dispatch
import TestSupport

/// Many threads that write and read the same few items, each step drawn from a seed.
struct ConcurrentLoad {
    let seed: UInt64
    var stepsPerThread = 150
    /// Called by the threads after each step.
    var didStep: @Sendable () -> Void = {}
    static let threadCount = 8

    /// Written and read together, so all are of one partition key.
    static let group = ["left", "middle", "right"]

    let counters = ["counter-0", "counter-1", "counter-2"]
    /// Runs the threads and answers what they saw.
    func run(_ store: some ConcurrentStore) -> ConcurrentHistory {
        let history = ConcurrentHistory()
        for counter in counters { _ = store.create(counter) }
        _ = store.stamp(Self.group, 0)
        DispatchQueue.concurrentPerform(iterations: Self.threadCount) { thread in
            var random = SplitMix64(seed: seed &+ UInt64(thread) &* 1_000_003)
            for step in 0..<stepsPerThread {
                defer { didStep() }
                let counter = counters[Int(random.next() % UInt64(counters.count))]
                let number = thread * stepsPerThread + step + 1
                switch random.next() % 10 {
                case 0, 1: history.record { store.raise(counter).map { .raised(counter: counter, to: $0) } }
                case 2: history.record { store.raiseIfUnchanged(counter).map { .raised(counter: counter, to: $0) } }
                case 3: history.record { store.read(counter).map { .read(counter: counter, value: $0) } }
                case 4: history.record { store.stamp(Self.group, number) ? .stamped(number) : nil }
                case 5: history.record { store.stamps(Self.group).map { .sawGroup($0) } }
                case 6:
                    // Several threads want the same id.
                    let id = "item-\(step)"
                    history.record { store.create(id) ? .created(id) : nil }
                case 7:
                    let name = "name-\(step)"
                    history.record { store.claim(name, as: "claim-\(number)") ? .created(name) : nil }
                case 8: _ = store.followed()
                default:
                    // Items that are replaced between two pages take a new place, so only the others count.
                    let replaced = Set(counters + Self.group)
                    history.record { store.list(pageItems: 7).map { .listed($0.filter { !replaced.contains($0) }) } }
                }
            }
        }
        store.settle()
        history.record { .followed(store.followed()) }
        return history
    }

    /// What the counters are.
    func values(_ store: ContainerStore) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: counters.map { ($0, store.read($0) ?? -1) })
    }
}
