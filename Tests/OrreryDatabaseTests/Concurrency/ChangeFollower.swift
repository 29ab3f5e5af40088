import OrreryDatabase
import OrreryEngine
import Synchronization

/// A client that follows the feed of all versions, range by range, and goes on in the children of one that was split.
final class ChangeFollower: Sendable {
    private struct State {
        /// The LSN that each range was followed to.
        var places: [UInt64: UInt64] = [:]
        /// Ranges whose children were seen: there is no way back.
        var gone: Set<UInt64> = []
        var seen: [String] = []
    }

    private let state = Mutex(State())

    /// Reads what came since. Answers all that was seen so far, as `<name>=<value>`, without deletes.
    func poll(_ container: Container) -> [String] {
        state.withLock { state in
            for range in container.ranges { state.gone.formUnion(range.parents) }
            for range in container.ranges where !state.gone.contains(range.number) { follow(range, container, &state) }
            return state.seen
        }
    }

    private func follow(_ range: PartitionKeyRange, _ container: Container, _ state: inout State) {
        let lineage = [range.number] + range.parents.reversed()
        let places = state.places
        var lsn = lineage.compactMap { places[$0] }.first ?? 0
        while let page = try? container.history(
            of: range, in: .keys(range.keys), after: lsn, sinceSeconds: nil, itemCountMax: 20) {
            for change in page.changes where change.kind != .delete {
                state.seen.append(
                    "\(ContainerStore.name(change.item.text))=\(ContainerStore.value(change.item.text))")
            }
            lsn = page.lsn
            if page.changes.isEmpty { break }
        }
        state.places[range.number] = lsn
    }
}
