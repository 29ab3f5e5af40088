import Synchronization

/// What many threads saw of one store, each operation with the tickets drawn before and after it: of two operations
/// whose tickets do not overlap, the one must see the other.
final class ConcurrentHistory: Sendable {
    /// One operation that was answered.
    enum Event: Sendable {
        /// A counter was raised by one; the answer said what it is since.
        case raised(counter: String, to: Int)
        /// A counter was read.
        case read(counter: String, value: Int)
        /// A stamp was written into every member of a group at once.
        case stamped(Int)
        /// The members of the group were read in one page.
        case sawGroup([Int])
        /// A create of an id succeeded.
        case created(String)
        /// Names came one after the other in the pages of one feed.
        case listed([String])
        /// All that a follower of the change feed has seen, as `<name>=<value>`, once all threads have finished.
        case followed([String])
    }

    /// What a correct store never shows.
    enum Fault: Hashable, Sendable, CaseIterable {
        /// An increment that was answered is not in the counter.
        case lostUpdate
        /// Two increments gave the same value, or two creates the same item, or a feed an item twice.
        case duplicate
        /// A read does not show what was answered before it began.
        case staleRead
        /// A reader saw some writes of a batch and not the others.
        case partialBatch
        /// A follower of the change feed missed what was answered.
        case lostChange
        /// A follower saw one change twice.
        case doubledChange
    }

    private struct Entry {
        let event: Event
        let began: UInt64
        let ended: UInt64
    }

    private let tickets = Atomic<UInt64>(0)
    private let entries = Mutex<[Entry]>([])

    private func ticket() -> UInt64 { tickets.add(1, ordering: .sequentiallyConsistent).newValue }

    /// Runs an operation and notes what it says happened; nothing where it was refused.
    func record(_ operation: () -> Event?) {
        let began = ticket()
        guard let event = operation() else { return }
        let entry = Entry(event: event, began: began, ended: ticket())
        entries.withLock { $0.append(entry) }
    }

    /// How many operations are noted.
    var count: Int { entries.withLock { $0.count } }

    /// Every kind of fault in the history.
    /// - Parameter counters: what the counters are at the end, when all threads have finished.
    func faults(counters: [String: Int]) -> Set<Fault> {
        let entries = entries.withLock { $0 }
        var faults: Set<Fault> = []
        checkCounters(entries, counters, &faults)
        checkCreates(entries, &faults)
        for entry in entries {
            switch entry.event {
            case .sawGroup(let stamps): if Set(stamps).count > 1 { faults.insert(.partialBatch) }
            case .listed(let names):
                if Set(names).count < names.count { faults.insert(.duplicate) }
                let isWhole = entries.allSatisfy { other in
                    guard case .created(let name) = other.event, other.ended < entry.began else { return true }
                    return names.contains(name)
                }
                if !isWhole { faults.insert(.staleRead) }
            case .followed(let changes): checkFollower(changes, entries, &faults)
            default: break
            }
        }
        checkGroupReads(entries, &faults)
        return faults
    }

    private func checkCounters(_ entries: [Entry], _ counters: [String: Int], _ faults: inout Set<Fault>) {
        var raises: [String: [(value: Int, ended: UInt64)]] = [:]
        for entry in entries {
            if case .raised(let counter, let value) = entry.event {
                raises[counter, default: []].append((value, entry.ended))
            }
        }
        for (counter, answered) in raises {
            if Set(answered.map(\.value)).count < answered.count { faults.insert(.duplicate) }
            if counters[counter] != answered.count { faults.insert(.lostUpdate) }
        }
        for entry in entries {
            let seen: (counter: String, value: Int)
            switch entry.event {
            case .read(let counter, let value): seen = (counter, value)
            // A raise that went over one answered before it saw too little, too.
            case .raised(let counter, let value): seen = (counter, value - 1)
            default: continue
            }
            let due = raises[seen.counter]?.lazy.filter { $0.ended < entry.began }.map(\.value).max() ?? 0
            if seen.value < due { faults.insert(.staleRead) }
        }
    }

    private func checkCreates(_ entries: [Entry], _ faults: inout Set<Fault>) {
        var created: Set<String> = []
        for entry in entries {
            if case .created(let id) = entry.event, !created.insert(id).inserted { faults.insert(.duplicate) }
        }
    }

    /// Each answered write is in the feed, once.
    private func checkFollower(_ changes: [String], _ entries: [Entry], _ faults: inout Set<Fault>) {
        let seen = Set(changes)
        if seen.count < changes.count { faults.insert(.doubledChange) }
        for entry in entries {
            let change: String
            switch entry.event {
            case .raised(let counter, let value): change = "\(counter)=\(value)"
            case .created(let id): change = "\(id)=0"
            default: continue
            }
            if !seen.contains(change) { faults.insert(.lostChange) }
        }
    }

    /// A page may show a stamp as long as no other was both begun and answered between that one and the page.
    private func checkGroupReads(_ entries: [Entry], _ faults: inout Set<Fault>) {
        var stamps: [Int: Entry] = [:]
        for entry in entries {
            if case .stamped(let stamp) = entry.event { stamps[stamp] = entry }
        }
        for entry in entries {
            guard case .sawGroup(let seen) = entry.event, let stamp = seen.first, let written = stamps[stamp] else {
                continue
            }
            let isOutdated = stamps.values.contains { $0.began > written.ended && $0.ended < entry.began }
            if isOutdated { faults.insert(.staleRead) }
        }
    }
}
