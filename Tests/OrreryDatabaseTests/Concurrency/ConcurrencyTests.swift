import Dispatch
import OrreryDatabase
import Testing

/// Many threads write and read the same few items, and a checker looks through all they saw.
@Suite struct ConcurrencyTests {
    private static let counters = ["counter-0", "counter-1", "counter-2"]
    private static let group = ["left", "middle", "right"]
    private static let threadCount = 8
    private static let uniqueNames = #","uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/name"]}]}"#
    private static let stepsPerThread = 150

    /// Runs the threads and answers what they saw.
    private func run(_ store: some ConcurrentStore, seed: UInt64) -> ConcurrentHistory {
        let history = ConcurrentHistory()
        for counter in Self.counters { _ = store.create(counter) }
        _ = store.stamp(Self.group, 0)
        DispatchQueue.concurrentPerform(iterations: Self.threadCount) { thread in
            var random = SplitMix64(seed: seed &+ UInt64(thread) &* 1_000_003)
            for step in 0..<Self.stepsPerThread {
                let counter = Self.counters[Int(random.next() % UInt64(Self.counters.count))]
                let number = thread * Self.stepsPerThread + step + 1
                switch random.next() % 9 {
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
                default:
                    // Items that are replaced between two pages take a new place, so only the others count.
                    let replaced = Set(Self.counters + Self.group)
                    history.record { store.list(pageItems: 7).map { .listed($0.filter { !replaced.contains($0) }) } }
                }
            }
        }
        return history
    }

    private func values(_ store: ContainerStore) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: Self.counters.map { ($0, store.read($0) ?? -1) })
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func nothingIsLostDoubledTornOrStale(_ seed: UInt64) throws {
        print("seed \(seed)")
        let scratch = ItemTests.Scratch()
        let history: ConcurrentHistory
        let session = ContainerStore.Session()
        do {
            let (account, container) = try scratch.open(Self.uniqueNames)
            let store = ContainerStore(container, session)
            history = run(store, seed: seed)
            #expect(history.count > Self.threadCount * Self.stepsPerThread / 2)
            #expect(history.faults(counters: values(store)) == [], "seed \(seed)")
            account.close()
        }
        // What was answered is there after a restart.
        let (account, container) = try scratch.open(Self.uniqueNames)
        defer { account.close() }
        #expect(history.faults(counters: values(ContainerStore(container, session))) == [], "seed \(seed)")
    }

    @Test(arguments: ConcurrentHistory.Fault.allCases)
    func theCheckerFindsAPlantedFault(_ fault: ConcurrentHistory.Fault) throws {
        let (account, container) = try ItemTests.Scratch().open(Self.uniqueNames)
        defer { account.close() }
        let store = ContainerStore(container)
        let history = run(FaultyStore(store, fault), seed: 4)
        #expect(history.faults(counters: values(store)).contains(fault))
    }
}

/// The same numbers for the same seed.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
