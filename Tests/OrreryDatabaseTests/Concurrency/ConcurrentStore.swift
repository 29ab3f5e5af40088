import Dispatch
import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import Synchronization

/// What the threads of a concurrent test do to a store. Nil and false say that it refused.
protocol ConcurrentStore: Sendable {
    /// Makes an item.
    func create(_ id: String) -> Bool
    /// Makes an item that claims a name which only one item may have.
    func claim(_ name: String, as id: String) -> Bool
    /// Raises a counter by one, whatever it is. Answers what it is since.
    func raise(_ counter: String) -> Int?
    /// Raises a counter by one where nobody came between a read and the write.
    func raiseIfUnchanged(_ counter: String) -> Int?
    func read(_ counter: String) -> Int?
    /// Writes a stamp into several items together.
    func stamp(_ ids: [String], _ stamp: Int) -> Bool
    /// The stamps of several items in one page.
    func stamps(_ ids: [String]) -> [Int]?
    /// The names of all items, in pages. Items that claim none are named as their ids.
    func list(pageItems: Int) -> [String]?
    /// What the feed of all versions has shown so far, as `<name>=<value>`.
    func followed() -> [String]
    /// Waits until what was acknowledged is durable: a feed shows nothing before.
    func settle()
}

/// The store itself: a container whose items have a `name` of their own.
///
/// All threads share a session: each read asks for what was acknowledged to any of them.
struct ContainerStore: ConcurrentStore {
    /// The highest LSN that was acknowledged of each range. Outlives a restart of the store, as a client's session
    /// does.
    final class Session: Sendable {
        private let highest = Mutex<[UInt64: UInt64]>([:])

        func note(_ progress: PartitionProgress) {
            highest.withLock { $0[progress.rangeNumber] = max($0[progress.rangeNumber] ?? 0, progress.lsn) }
        }

        /// What a read of a range must have come to: what was seen of it and of those it was split from.
        func minimumLSN(in container: Container) -> (UInt64) -> UInt64 {
            let highest = highest.withLock { $0 }
            return { number in
                let parents = container.ranges.first { $0.number == number }?.parents ?? []
                return (parents + [number]).compactMap { highest[$0] }.max() ?? 0
            }
        }
    }

    private let find: @Sendable () -> Container
    /// Which partition key an item has.
    private let partition: @Sendable (String) -> String
    let session: Session
    let follower: ChangeFollower

    var container: Container { find() }

    /// - Parameters:
    ///   - partition: the partition key for an item's id, or for the name that it claims.
    ///   - find: looks the container up; what it answers may be out of date by as much as a client's.
    init(
        _ session: Session = Session(), partition: @escaping @Sendable (String) -> String = { _ in "k" },
        _ find: @escaping @Sendable () -> Container
    ) {
        self.session = session
        self.partition = partition
        self.find = find
        follower = ChangeFollower()
    }

    private func key(_ id: String) -> PartitionKey { PartitionKey([.string(partition(id))]) }

    func create(_ id: String) -> Bool {
        commit { [try container.preparingCreate(document(id, 0), partitionKey: key(id))] } != nil
    }

    func claim(_ name: String, as id: String) -> Bool {
        commit {
            let pk = partition(name)
            return [
                try container.preparingCreate(
                    Self.document(id, 0, pk: pk, name: name), partitionKey: PartitionKey([.string(pk)]))
            ]
        } != nil
    }

    func raise(_ counter: String) -> Int? {
        let pk = partition(counter)
        let answer = commit {
            [
                try container.preparingChange(id: Array(counter.utf8), partitionKey: key(counter)) {
                    (old: JSONDocument) throws(DatabaseError) in
                    try Self.document(counter, Self.value(old.text) + 1, pk: pk)
                }
            ]
        }
        return answer.map { Self.value($0.answers[0].item.text) }
    }

    func raiseIfUnchanged(_ counter: String) -> Int? {
        guard let old = item(counter) else { return nil }
        let answer = commit {
            [
                try container.preparingReplace(
                    id: Array(counter.utf8), document(counter, Self.value(old.text) + 1), partitionKey: key(counter),
                    precondition: .match(old.etag))
            ]
        }
        return answer.map { Self.value($0.answers[0].item.text) }
    }

    /// Below any value where the session is said to be ahead of the store.
    func read(_ counter: String) -> Int? {
        // The container first: a session never says more of its ranges than they had when it was looked up.
        let container = container
        let minimumLSN = session.minimumLSN(in: container)
        do throws(ItemFailure) {
            let found = try container.item(
                id: Array(counter.utf8), partitionKey: key(counter), minimumLSN: minimumLSN)
            return Self.value(found.item.text)
        } catch {
            return error.error == .sessionNotAvailable ? -1 : nil
        }
    }

    func stamp(_ ids: [String], _ stamp: Int) -> Bool {
        let answer = commit {
            var operations: [ItemOperation] = []
            for id in ids {
                operations.append(
                    try container.preparingCreate(document(id, stamp), partitionKey: key(id), isUpsert: true))
            }
            return operations
        }
        return answer != nil
    }

    func stamps(_ ids: [String]) -> [Int]? {
        guard let first = ids.first,
            let page = try? container.items(in: .partitionKey(key(first)), from: nil, itemCountMax: nil)
        else { return nil }
        let wanted = Set(ids)
        return page.items.filter { wanted.contains(String(decoding: $0.id, as: UTF8.self)) }
            .map { Self.value($0.text) }
    }

    func list(pageItems: Int) -> [String]? {
        var names: [String] = []
        var position: FeedPosition?
        repeat {
            guard let page = try? container.items(in: .container, from: position, itemCountMax: pageItems)
            else { return nil }
            names += page.items.map { Self.name($0.text) }
            position = page.next
        } while position != nil
        return names
    }

    func followed() -> [String] { follower.poll(container) }

    func settle() {
        let container = container
        for range in container.ranges {
            guard let lsn = try? container.snapshot(of: range).lsn, lsn > 0 else { continue }
            let isDurable = DispatchSemaphore(value: 0)
            let wait = try? container.wait(for: range, after: lsn - 1) { _ in isDurable.signal() }
            if wait != nil { isDurable.wait() }
        }
    }

    // MARK: Items

    private func item(_ id: String) -> Item? {
        try? container.item(id: Array(id.utf8), partitionKey: key(id)).item
    }

    private func document(_ id: String, _ value: Int) throws(DatabaseError) -> JSONDocument {
        try Self.document(id, value, pk: partition(id))
    }

    private static func document(
        _ id: String, _ value: Int, pk: String, name: String? = nil
    ) throws(DatabaseError) -> JSONDocument {
        let text = #"{"id":"\#(id)","pk":"\#(pk)","name":"\#(name ?? id)","value":\#(value)}"#
        return try Container.document(parsing: Array(text.utf8))
    }

    static func name(_ text: [UInt8]) -> String {
        (try? JSONDocument(parsing: text))?.root["name"]?.string ?? ""
    }

    static func value(_ text: [UInt8]) -> Int {
        (try? JSONDocument(parsing: text))?.root["value"]?.int64.flatMap { Int(exactly: $0) } ?? -1
    }

    /// Commits operations and waits; nil where they are refused.
    private func commit(_ operations: () throws -> [ItemOperation]) -> ItemCommitAnswer? {
        guard let operations = try? operations() else { return nil }
        let answer = Mutex<ItemCommitAnswer?>(nil)
        let isThere = DispatchSemaphore(value: 0)
        container.commit(operations) { result in
            if case .success(let commit) = result {
                session.note(commit.progress)
                answer.withLock { $0 = commit }
            }
            isThere.signal()
        }
        isThere.wait()
        return answer.withLock { $0 }
    }
}

/// A store with a fault that a test plants, to see that the checker finds it. Now and then it
struct FaultyStore: ConcurrentStore {
    let store: ContainerStore
    /// … answers an increment that it did not make, gives two answers for one, reads what was, or tears a batch.
    let fault: ConcurrentHistory.Fault
    private let turns = TurnCounter()

    private final class TurnCounter: Sendable {
        private let count = Atomic<Int>(0)
        /// Whether it is time again.
        var isDue: Bool { count.add(1, ordering: .relaxed).newValue % 7 == 0 }
    }

    init(_ store: ContainerStore, _ fault: ConcurrentHistory.Fault) {
        self.store = store
        self.fault = fault
    }

    func create(_ id: String) -> Bool { store.create(id) }
    func claim(_ name: String, as id: String) -> Bool { store.claim(name, as: id) }

    func raise(_ counter: String) -> Int? {
        // An answer out of nothing is far above all others, so that it is a lost update and not also a duplicate.
        if fault == .lostUpdate, turns.isDue { return Int.random(in: 1_000_000...2_000_000_000) }
        return store.raise(counter)
    }

    func raiseIfUnchanged(_ counter: String) -> Int? { store.raiseIfUnchanged(counter) }

    func read(_ counter: String) -> Int? {
        if fault == .staleRead, turns.isDue { return store.read(counter).map { $0 / 2 } }
        return store.read(counter)
    }

    func stamp(_ ids: [String], _ stamp: Int) -> Bool {
        guard fault == .partialBatch, turns.isDue else { return store.stamp(ids, stamp) }
        return store.stamp(Array(ids.dropLast()), stamp)
    }

    func stamps(_ ids: [String]) -> [Int]? { store.stamps(ids) }

    func list(pageItems: Int) -> [String]? {
        guard let ids = store.list(pageItems: pageItems) else { return nil }
        return fault == .duplicate && turns.isDue ? ids + ids.suffix(1) : ids
    }

    func settle() { store.settle() }

    func followed() -> [String] {
        let changes = store.followed()
        switch fault {
        case .lostChange: return changes.dropLast()
        case .doubledChange: return changes + changes.suffix(1)
        default: return changes
        }
    }
}
