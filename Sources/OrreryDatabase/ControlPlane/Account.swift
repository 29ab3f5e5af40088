import Glibc
public import OrreryEngine
import Synchronization

/// One database account: all databases of a data directory.
///
/// Changes to databases, containers and what stands beside items are made one at a time and are durable before a call
/// returns. Everything here may be called from any thread.
public final class Account: Sendable {
    let store: Store
    var catalog: Catalog { store.catalog }
    /// Held over a change that takes several steps in the catalog. Look-ups do not take it.
    let changing = Mutex(())
    private let changeCount = Atomic<UInt64>(0)
    let splitRequests = SplitRequests()
    /// Threads that help queries with long scans: one for each processor but the one that the query's own thread has.
    let scanHelpers: WorkerPool?

    /// Opens the account of a data directory, or begins one.
    /// - Throws: `.unavailable` with one line for the operator: another server has it open, or a file is damaged or of
    ///   a newer version.
    public init(
        directory: String, configuration: EngineConfiguration = EngineConfiguration()
    ) throws(DatabaseError) {
        let processorCount = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        scanHelpers = processorCount > 1 ? WorkerPool(threadCount: processorCount - 1, waitingMax: 1) : nil
        var configuration = configuration
        configuration.segmentSealed = { [splitRequests] partition in splitRequests.add(partition.container) }
        do throws(EngineError) {
            store = try Store(directory: directory, configuration: configuration)
        } catch {
            throw .unavailable(error.message)
        }
        try removeIncompleteContainers()
        resumeSplits()
    }

    /// Lets the writes in flight run out and closes the files. What was acknowledged is kept.
    public func close() {
        scanHelpers?.stop()
        store.close()
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

    /// Makes one change to the ranges of a container, alone.
    func changeRanges(_ body: () throws(EngineError) -> Void) throws(EngineError) {
        try changing.withLock { (_) throws(EngineError) in try body() }
        changeCount.add(1, ordering: .releasing)
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

    /// The service's message for a second resource of the same id.
    public static let nameTaken = "Entity with the specified id already exists in the system."
}
