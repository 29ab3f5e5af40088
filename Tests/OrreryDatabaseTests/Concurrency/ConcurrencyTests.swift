import Dispatch
import OrreryDatabase
import Testing

/// Many threads write and read the same few items, and a checker looks through all they saw.
@Suite struct ConcurrencyTests {
    private static let uniqueNames = #","uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/name"]}]}"#

    private func run(_ store: some ConcurrentStore, seed: UInt64) -> ConcurrentHistory {
        ConcurrentLoad(seed: seed).run(store)
    }

    private func values(_ store: ContainerStore) -> [String: Int] { ConcurrentLoad(seed: 0).values(store) }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func nothingIsLostDoubledTornOrStale(_ seed: UInt64) throws {
        print("seed \(seed)")
        let scratch = ItemTests.Scratch()
        let history: ConcurrentHistory
        let session = ContainerStore.Session()
        do {
            let (account, container) = try scratch.open(Self.uniqueNames)
            let store = ContainerStore(session) { container }
            history = run(store, seed: seed)
            #expect(history.count > ConcurrentLoad.threadCount * 150 / 2)
            #expect(history.faults(counters: values(store)) == [], "seed \(seed)")
            account.close()
        }
        // What was answered is there after a restart.
        let (account, container) = try scratch.open(Self.uniqueNames)
        defer { account.close() }
        #expect(history.faults(counters: values(ContainerStore(session) { container })) == [], "seed \(seed)")
    }

    @Test(arguments: ConcurrentHistory.Fault.allCases)
    func theCheckerFindsAPlantedFault(_ fault: ConcurrentHistory.Fault) throws {
        let (account, container) = try ItemTests.Scratch().open(Self.uniqueNames)
        defer { account.close() }
        let store = ContainerStore { container }
        let history = run(FaultyStore(store, fault), seed: 4)
        #expect(history.faults(counters: values(store)).contains(fault))
    }
}
