public import OrreryEngine
import Synchronization

/// One database account: all databases of a data directory.
///
/// Changes to databases, containers and what stands beside items are made one at a time and are durable before a call
/// returns. Everything here may be called from any thread.
public final class Account: Sendable {
    let catalog: Catalog
    /// Held over a change that takes several steps in the catalog. Look-ups do not take it.
    let changing = Mutex(())
    private let changeCount = Atomic<UInt64>(0)

    /// Opens the account of a data directory, or begins one.
    public convenience init(directory: String) throws(DatabaseError) {
        let catalog: Catalog
        do throws(CatalogError) {
            catalog = try Catalog(path: directory + "/catalog.lmdb")
        } catch {
            throw DatabaseError(opening: error)
        }
        try self.init(catalog: catalog)
    }

    /// Ends all work on the account. What was acknowledged is kept.
    public func close() {}

    /// Takes over a catalog, and removes containers whose creation did not come to its end.
    public init(catalog: Catalog) throws(DatabaseError) {
        self.catalog = catalog
        try removeIncompleteContainers()
    }

    /// Rises with every change to a database, container or offer, so that callers can keep what they looked up for as
    /// long as it stays the same.
    public var generation: UInt64 { changeCount.load(ordering: .acquiring) }

    /// Makes one change to the control plane, alone.
    func change<Result: Sendable>(
        _ body: () throws(CatalogError) -> Result
    ) throws(DatabaseError) -> Result {
        do throws(CatalogError) {
            let result = try changing.withLock { (_) throws(CatalogError) in try body() }
            changeCount.add(1, ordering: .releasing)
            return result
        } catch {
            throw DatabaseError(error)
        }
    }
}

extension DatabaseError {
    /// The one table between what the catalog reports and what a caller of the database can do about it.
    init(_ error: CatalogError) {
        switch error {
        case .conflict: self = .conflict(DatabaseError.nameTaken)
        case .notFound: self = .notFound
        case .preconditionFailed: self = .preconditionFailed
        case .closed: self = .unavailable("The store is closed.")
        case .storage: self = .unavailable("The store failed; nothing was changed. The server's log says more.")
        }
    }

    /// What an operator, who may read of files and disks, is told when the store cannot be opened.
    fileprivate init(opening error: CatalogError) {
        if case .storage(let message) = error { self = .unavailable(message) } else { self.init(error) }
    }

    /// The service's message for a second resource of the same id.
    public static let nameTaken = "Entity with the specified id already exists in the system."
}
