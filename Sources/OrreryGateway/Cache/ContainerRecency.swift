import Synchronization

/// What is known of one container's changes: for each partition key, when it changed last. Time is a number that rises
/// whenever changes were found.
///
/// There is nothing that follows the container all the time. Whoever wants to give a kept answer again looks up what
/// has changed since somebody last did, so that every write which was answered by then is seen; most often a comparison
/// of numbers shows that nothing has.
final class ContainerRecency: Sendable {
    private struct State {
        var place: ContainerPlace?
        var sequence: UInt64 = 0
        /// When each key changed.
        var changed: [[UInt8]: UInt64] = [:]
        /// Any key may have changed then.
        var floor: UInt64 = 0
    }

    private static let keysMax = 16_384

    private let database: String
    private let container: String
    private let following: any ContainerFollowing
    private let state = Mutex(State())

    init(database: String, container: String, _ following: any ContainerFollowing) {
        (self.database, self.container, self.following) = (database, container, following)
    }

    /// A partition key as changes name it; nil for one that is not whole, which stands for many.
    func name(ofKey values: [String]) -> [UInt8]? { following.name(ofKey: values, in: database, container) }

    /// The time that it is now. What is read of the container from now on holds until the key changes later than that.
    /// - Returns: nil where nothing is known of the container.
    func sequence() -> UInt64? {
        catchUp { $0.sequence }
    }

    /// Whether nothing has changed since a time.
    /// - Parameter key: the partition key; nil for all of them.
    func isUnchanged(since sequence: UInt64, key: [UInt8]?) -> Bool {
        catchUp { state in
            guard state.floor <= sequence else { return false }
            guard let key else { return state.sequence <= sequence }
            return state.changed[key].map { $0 <= sequence } ?? true
        } ?? false
    }

    /// Looks at the state once every change that was answered by now is in it. The changes are read without the lock.
    private func catchUp<Result: Sendable>(_ body: (State) -> Result) -> Result? {
        let known = state.withLock { $0.place }
        guard let (place, changes) = following.changes(of: database, container, since: known) else { return nil }
        return state.withLock { state in
            // Others may have come further meanwhile, and then all that was found is there.
            if state.place.map({ $0.covers(place) }) != true { Self.take(changes, place, known, &state) }
            return body(state)
        }
    }

    private static func take(
        _ changes: ContainerChanges, _ place: ContainerPlace, _ known: ContainerPlace?, _ state: inout State
    ) {
        let isOurs = state.place == known || state.place.map { place.covers($0) } == true
        defer { state.place = place }
        guard isOurs, case .keys(let keys) = changes, known != nil,
            state.changed.count + keys.count <= Self.keysMax
        else {
            state.sequence += 1
            (state.floor, state.changed) = (state.sequence, [:])
            return
        }
        if keys.isEmpty { return }
        state.sequence += 1
        for key in keys { state.changed[key] = state.sequence }
    }
}
