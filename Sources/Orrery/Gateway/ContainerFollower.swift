internal import OrreryDatabase
internal import OrreryEngine
internal import OrreryGateway
internal import OrreryKeys
internal import Synchronization

/// Tells the gateway which partition keys of a container were written to, from the container's history.
final class ContainerFollower: ContainerFollowing, Sendable {
    private struct State {
        var generation: UInt64 = 0
        var containers: [String: OrreryDatabase.Container] = [:]
    }

    /// Changes that are looked at on behalf of one call; of more than that nothing is known.
    private static let changesMax = 256

    private let account: Account
    private let state = Mutex(State())

    init(account: Account) {
        self.account = account
    }

    func changes(
        of database: String, _ container: String, since place: ContainerPlace?
    ) -> (place: ContainerPlace, changes: ContainerChanges)? {
        guard let container = open(database, container),
            // Items that end by themselves leave no change at the moment they do.
            container.definition.defaultTimeToLiveSeconds == nil
        else { return nil }
        var lsns: [UInt64: UInt64] = [:]
        var keys: Set<[UInt8]> = []
        var isKnown = place?.resourceID == container.resourceIDText
        for range in container.ranges {
            guard let snapshot = try? container.snapshot(of: range) else { return nil }
            // What is answered before it is durable is not in the history yet.
            guard snapshot.durableLSN == snapshot.lsn else { return nil }
            lsns[range.number] = snapshot.lsn
            guard isKnown, let lsn = place?.lsns[range.number] else {
                isKnown = false
                continue
            }
            if lsn == snapshot.lsn { continue }
            guard let found = Self.keys(of: container, range, after: lsn, atLeast: snapshot.lsn) else {
                isKnown = false
                continue
            }
            keys.formUnion(found.keys)
            lsns[range.number] = found.lsn
        }
        let now = ContainerPlace(resourceID: container.resourceIDText, lsns: lsns)
        return (now, isKnown ? .keys(Array(keys)) : .unknown)
    }

    func name(ofKey values: [String], in database: String, _ container: String) -> [UInt8]? {
        guard let paths = open(database, container)?.definition.partitionKey.paths, paths.count == values.count else {
            return nil
        }
        return OrreryKeys.PartitionKey(values.map { .string($0) }).canonicalBytes
    }

    /// The keys that changed after an LSN; nil where those up to another are too many, or no longer there.
    private static func keys(
        of container: OrreryDatabase.Container, _ range: PartitionKeyRange, after lsn: UInt64, atLeast end: UInt64
    ) -> (keys: Set<[UInt8]>, lsn: UInt64)? {
        let page = try? container.history(
            of: range, in: .container, after: lsn, sinceSeconds: nil, itemCountMax: changesMax)
        guard let page, page.lsn >= end else { return nil }
        return (Set(page.changes.map { Array($0.key.partitionKey) }), page.lsn)
    }

    private func open(_ database: String, _ name: String) -> OrreryDatabase.Container? {
        let path = database + "/" + name
        let generation = account.generation
        let known = state.withLock { state -> OrreryDatabase.Container? in
            if state.generation != generation { (state.generation, state.containers) = (generation, [:]) }
            return state.containers[path]
        }
        if let known { return known }
        guard let databaseID = try? account.databaseID(named: database),
            let containerID = try? account.containerID(named: name, in: databaseID),
            let opened = try? account.openContainer(containerID)
        else { return nil }
        state.withLock { state in
            if state.generation == generation { state.containers[path] = opened }
        }
        return opened
    }
}
