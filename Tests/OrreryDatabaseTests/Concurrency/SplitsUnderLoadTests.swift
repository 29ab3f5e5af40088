import Dispatch
import Foundation
import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import Synchronization
import Testing

/// Partitions are split again and again while many threads write, read, list and follow; a checker looks through all
/// they saw. `make test-splits` runs it twenty times.
@Suite struct SplitsUnderLoadTests {
    private static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["ORRERY_SPLIT_RUNS"].flatMap { UInt64($0) } ?? 1
        let first = environment["ORRERY_SPLIT_SEED"].flatMap { UInt64($0) } ?? 1
        return (0..<max(1, count)).map { first + $0 }
    }()

    /// Small parts, so that flushes, merges and seals go on as well.
    private static func configuration(_ durability: EngineConfiguration.Durability) -> EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = 96
        configuration.mergeFanIn = 2
        configuration.segmentBytes = 1 << 15
        configuration.durability = durability
        return configuration
    }

    private static let uniqueNames = #","uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/name"]}]}"#

    /// Items are spread over the keys; what is written together stays together.
    private static let partition: @Sendable (String) -> String = { id in
        ConcurrentLoad.group.contains(id) ? "group" : id
    }

    @Test(.serialized, arguments: seeds) func nothingIsLostDoubledTornOrStale(_ seed: UInt64) throws {
        print("seed \(seed)")
        let scratch = ItemTests.Scratch()
        let configuration = Self.configuration(seed.isMultiple(of: 2) ? .relaxed(milliseconds: 5) : .strict)
        let session = ContainerStore.Session()
        var load = ConcurrentLoad(seed: seed, stepsPerThread: 300)
        let history: ConcurrentHistory
        do {
            let (account, container) = try scratch.open(Self.uniqueNames, configuration)
            let lookup = ContainerLookup(account, container)
            let store = ContainerStore(session, partition: Self.partition) { lookup.container }
            let splits = SplitDriver(account, container.resourceID, during: &load)
            history = load.run(store)
            let count = splits.stop()
            // Without splits there was nothing to see.
            #expect(count >= 2, "seed \(seed)")
            #expect(history.count > ConcurrentLoad.threadCount * load.stepsPerThread / 2)
            #expect(history.faults(counters: load.values(store)) == [], "seed \(seed)")
            account.close()
        }
        // What was answered is there after a restart.
        let (account, container) = try scratch.open(Self.uniqueNames, configuration)
        defer { account.close() }
        let store = ContainerStore(session, partition: Self.partition) { container }
        #expect(history.faults(counters: load.values(store)) == [], "seed \(seed)")
        history.record { .followed(store.followed()) }
        #expect(history.faults(counters: load.values(store)) == [], "seed \(seed)")
    }

    @Test(arguments: ConcurrentHistory.Fault.allCases)
    func theCheckerFindsAPlantedFault(_ fault: ConcurrentHistory.Fault) throws {
        let (account, container) = try ItemTests.Scratch().open(Self.uniqueNames, Self.configuration(.strict))
        defer { account.close() }
        let lookup = ContainerLookup(account, container)
        let store = ContainerStore(partition: Self.partition) { lookup.container }
        var load = ConcurrentLoad(seed: 4)
        let splits = SplitDriver(account, container.resourceID, during: &load)
        let history = load.run(FaultyStore(store, fault))
        _ = splits.stop()
        #expect(history.faults(counters: load.values(store)).contains(fault))
    }
}

/// The container as the account has it now, looked up anew only when the account has changed.
final class ContainerLookup: Sendable {
    private let account: Account
    private let resourceID: ResourceID
    private let known: Mutex<(generation: UInt64, container: Container)>

    init(_ account: Account, _ container: Container) {
        (self.account, resourceID) = (account, container.resourceID)
        known = Mutex((account.generation, container))
    }

    var container: Container {
        let generation = account.generation
        let found = known.withLock { $0 }
        if found.generation == generation { return found.container }
        guard let container = try? account.openContainer(resourceID) else { return found.container }
        known.withLock { $0 = (generation, container) }
        return container
    }
}

/// Raises a container's throughput step by step, on a thread of its own, while a load goes on.
final class SplitDriver: Sendable {
    private let isStopping = Atomic(false)
    private let done = DispatchSemaphore(value: 0)
    /// Signalled each time that a tenth of the load is done.
    private let isDue = DispatchSemaphore(value: 0)
    private let stepsDone = Atomic(0)
    private let splitCount = Atomic(0)

    init(_ account: Account, _ container: ResourceID, during load: inout ConcurrentLoad) {
        let tenth = load.stepsPerThread * ConcurrentLoad.threadCount / 10
        load.didStep = { [self] in
            if stepsDone.add(1, ordering: .relaxed).newValue % tenth == 0 { isDue.signal() }
        }
        DispatchQueue.global().async { [self] in
            while true {
                isDue.wait()
                let peak = 11_000 + 10_000 * splitCount.load(ordering: .relaxed)
                if isStopping.load(ordering: .relaxed) || !Self.raise(account, container, to: peak) { break }
                splitCount.add(1, ordering: .relaxed)
            }
            done.signal()
        }
    }

    /// Waits for the split in progress. Answers how many there were.
    func stop() -> Int {
        isStopping.store(true, ordering: .relaxed)
        isDue.signal()
        done.wait()
        return splitCount.load(ordering: .relaxed)
    }

    /// Raises the throughput and waits until there are as many partitions as it takes.
    static func raise(_ account: Account, _ container: ResourceID, to requestUnits: Int) -> Bool {
        let offer = account.offers().first { offer in
            String(decoding: offer.resource.body, as: UTF8.self).contains(container.text)
        }
        let text = #"{"content":{"offerThroughput":\#(requestUnits)}}"#
        guard let offer, let body = try? JSONValue(parsing: Array(text.utf8)),
            (try? account.replaceOffer(offer.resource.resourceID, body: body)) != nil
        else { return false }
        let isSplit = DispatchSemaphore(value: 0)
        account.whenSplit(container, withinMilliseconds: 60_000) { isSplit.signal() }
        isSplit.wait()
        return !account.isSplitPending(in: container)
    }
}
