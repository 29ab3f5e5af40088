import Synchronization

/// What many threads saw of items that end by themselves. The time is a test's own, and each operation is noted with
/// the time and with a ticket before it began and after it was answered.
final class LifetimeHistory: Sendable {
    /// What a correct store never shows.
    enum Fault: Hashable, Sendable, CaseIterable {
        /// An item was seen after its time.
        case seenAfterItsEnd
        /// An item was not seen though its time was not over.
        case endedTooEarly
        /// A list held an item twice.
        case duplicate
    }

    private struct Span {
        let began: (ticket: UInt64, milliseconds: Int64)
        let ended: (ticket: UInt64, milliseconds: Int64)
    }

    private struct State {
        /// The writes of each item, in their order: each item has one writer.
        var writes: [String: [(span: Span, lifeMilliseconds: Int64)]] = [:]
        /// What was looked for, and whether it was there.
        var sights: [(id: String, isThere: Bool, span: Span)] = []
        var hasDuplicates = false
    }

    private let tickets = Atomic<UInt64>(0)
    private let time = Atomic<Int64>(1_800_000_000_000)
    private let state = Mutex(State())

    var nowMilliseconds: Int64 { time.load(ordering: .sequentiallyConsistent) }

    func pass(milliseconds: Int64) {
        time.add(milliseconds, ordering: .sequentiallyConsistent)
    }

    private var moment: (ticket: UInt64, milliseconds: Int64) {
        let ticket = tickets.add(1, ordering: .sequentiallyConsistent).newValue
        return (ticket, nowMilliseconds)
    }

    /// The items that were written so far.
    var ids: [String] { state.withLock { Array($0.writes.keys) } }

    func write(_ id: String, lifeMilliseconds: Int64, _ operation: () -> Bool) {
        let began = moment
        guard operation() else { return }
        let span = Span(began: began, ended: moment)
        state.withLock { $0.writes[id, default: []].append((span, lifeMilliseconds)) }
    }

    func look(for id: String, _ operation: () -> Bool) {
        let began = moment
        let isThere = operation()
        let span = Span(began: began, ended: moment)
        state.withLock { $0.sights.append((id, isThere, span)) }
    }

    /// Notes a list of everything, which says of each item whether it is there.
    func list(_ operation: () -> [String]) {
        let known = ids
        let began = moment
        let found = operation()
        let span = Span(began: began, ended: moment)
        let present = Set(found)
        state.withLock { state in
            if present.count < found.count { state.hasDuplicates = true }
            for id in known { state.sights.append((id, present.contains(id), span)) }
        }
    }

    /// How many looks were sure to find, and sure not to find: what can be told is to be worth something.
    var certainties: (there: Int, gone: Int) {
        state.withLock { state in
            let expected = state.sights.compactMap { Self.expected($0.span, state.writes[$0.id] ?? []) }
            return (expected.count { $0 }, expected.count { !$0 })
        }
    }

    func faults() -> Set<Fault> {
        state.withLock { state in
            var faults: Set<Fault> = state.hasDuplicates ? [.duplicate] : []
            for sight in state.sights {
                guard let expected = Self.expected(sight.span, state.writes[sight.id] ?? []) else { continue }
                if sight.isThere, !expected { faults.insert(.seenAfterItsEnd) }
                if !sight.isThere, expected { faults.insert(.endedTooEarly) }
            }
            return faults
        }
    }

    /// Whether a look must find the item; nil where either would be right.
    private static func expected(_ look: Span, _ writes: [(span: Span, lifeMilliseconds: Int64)]) -> Bool? {
        let isWritten = writes.contains { write in
            write.span.began.ticket < look.ended.ticket && look.began.ticket < write.span.ended.ticket
        }
        if isWritten { return nil }
        guard let last = writes.last(where: { $0.span.ended.ticket < look.began.ticket }) else { return nil }
        // The item's time began at some moment of its write.
        if look.ended.milliseconds < last.span.began.milliseconds + last.lifeMilliseconds { return true }
        if look.began.milliseconds >= last.span.ended.milliseconds + last.lifeMilliseconds { return false }
        return nil
    }
}
