import OrreryDatabase
import OrreryDocuments
import OrreryKeys
import Synchronization

/// Containers by the links that named them, so that a request on an item finds its container with one look-up.
///
/// Everything is forgotten when the account's control plane changes; links that lead nowhere are not kept, so a hostile
/// client cannot fill the cache.
final class ContainerCache: Sendable {
    private struct State {
        var generation: UInt64 = 0
        var containers: [ByteKey: Container] = [:]
    }

    private let account: Account
    private let state = Mutex(State())
    /// One container has at most two links, by names and by resource ids, so the cache is bounded by the account; this
    /// bounds it for accounts with very many containers.
    private static let containersMax = 20_000

    init(account: Account) {
        self.account = account
    }

    /// The container that a link is in.
    /// - Throws: 404 where the database or the container is not there.
    func container(of link: ResourceLink) throws(CosmosError) -> Container {
        let path = ByteKey(link.containerPath)
        let generation = account.generation
        let cached: Container? = state.withLock { state in
            if state.generation == generation { return state.containers[path] }
            state.generation = generation
            state.containers.removeAll()
            return nil
        }
        if let cached { return cached }
        let container = try find(link)
        state.withLock { state in
            guard state.generation == generation, state.containers.count < Self.containersMax else { return }
            state.containers[ByteKey(Array(path.bytes))] = container
        }
        return container
    }

    private func find(_ link: ResourceLink) throws(CosmosError) -> Container {
        do throws(DatabaseError) {
            let containerID = try account.containerID(of: link)
            return try account.openContainer(containerID)
        } catch .notFound {
            throw .ownerNotFound
        } catch {
            throw CosmosError(error)
        }
    }
}
