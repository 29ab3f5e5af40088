internal import OrreryDatabase
internal import Synchronization

/// One container: items of any shape, each found by its partition key and its id.
///
/// ```swift
/// let orders = try shop.container("orders", partitionKey: "/customer")
/// ```
public struct Container: Sendable {
    /// Its name.
    ///
    /// ```swift
    /// print(orders.name)
    /// ```
    public var name: String { current.id }
    /// The name of its database.
    ///
    /// ```swift
    /// print(orders.databaseName)
    /// ```
    public let databaseName: String

    let store: Store
    private let cache: Cache

    /// The container as it was opened, until the control plane changes.
    private final class Cache: Sendable {
        struct Opened {
            var generation: UInt64
            var container: OrreryDatabase.Container
        }

        let opened: Mutex<Opened>

        init(_ opened: Opened) {
            self.opened = Mutex(opened)
        }
    }

    init(store: Store, databaseName: String, opened: OrreryDatabase.Container) {
        self.store = store
        self.databaseName = databaseName
        cache = Cache(Cache.Opened(generation: store.account.generation, container: opened))
    }

    private var current: OrreryDatabase.Container { cache.opened.withLock { $0.container } }

    /// The container with the ranges and the definition that it has now.
    func opened() throws(DatabaseError) -> OrreryDatabase.Container {
        let generation = store.account.generation
        let (container, isCurrent) = cache.opened.withLock { ($0.container, $0.generation == generation) }
        if isCurrent { return container }
        let opened = try store.account.openContainer(container.resourceID)
        cache.opened.withLock { $0 = Cache.Opened(generation: generation, container: opened) }
        return opened
    }
}
