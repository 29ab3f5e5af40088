// Orrery: what programs import. A `Store` is the document database inside a process, in the types of a Swift program:
// `Codable` items, errors that say what to do, queries and changes as asynchronous sequences. An `App` is a server with
// the program's own handlers beside it. Where data is kept, and how HTTP is spoken, is the business of the layers
// below.

internal import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryHTTP

/// An open data directory: databases, in them containers, in them items.
///
/// A directory is open in one process at a time. Everything here may be used from any task.
///
/// ```swift
/// let store = try Store(directory: "data")
/// let orders = try store.database("shop").container("orders", partitionKey: "/customer")
/// try await orders.create(Order(id: "1", customer: "ada", total: 12))
/// store.close()
/// ```
public final class Store: Sendable {
    let account: Account
    /// Queries may take as long as a page may, so they run on threads of their own.
    let queryWorkers = WorkerPool(threadCount: 2, waitingMax: 10_000)

    /// Opens a directory, or makes it.
    ///
    /// ```swift
    /// let store = try Store(directory: "data")
    /// ```
    /// - Throws: ``StoreError/unavailable(_:)`` when another process has it open, or its files are damaged or of a
    ///   newer version.
    public init(directory: String, options: StoreOptions = StoreOptions()) throws(StoreError) {
        var configuration = EngineConfiguration()
        configuration.acknowledging = { HTTPResponder.sendingTogether($0) }
        configuration.heldHistoryBytesMax = options.heldHistoryBytesMax
        if let milliseconds = options.relaxedMilliseconds {
            configuration.durability = .relaxed(milliseconds: milliseconds)
        }
        account = try StoreError.translating { () throws(DatabaseError) in
            try Account(directory: directory, configuration: configuration)
        }
    }

    /// A container, by `database/container`.
    func container(at path: String) throws(StoreError) -> Container {
        let (database, container) = try App.parts(of: path)
        return try StoreError.translating { () throws(DatabaseError) in
            let opened = try account.openContainer(
                account.containerID(named: container, in: account.databaseID(named: database)))
            return Container(store: self, databaseName: database, opened: opened)
        }
    }

    /// The database of a name, made where there is none.
    ///
    /// ```swift
    /// let shop = try store.database("shop")
    /// ```
    /// - Throws: ``StoreError/invalid(_:)`` for what is no name.
    public func database(_ name: String) throws(StoreError) -> Database {
        try StoreError.translating { () throws(DatabaseError) in
            do throws(DatabaseError) {
                return Database(store: self, name: name, resourceID: try account.databaseID(named: name))
            } catch .notFound {
                let definition = try DatabaseDefinition(["id": .string(name)])
                let made = try account.createDatabase(definition, throughput: nil)
                return Database(store: self, name: name, resourceID: made.resourceID)
            }
        }
    }

    /// The names of all databases, the oldest first.
    ///
    /// ```swift
    /// for name in store.databaseNames { print(name) }
    /// ```
    public var databaseNames: [String] { account.databases().map(\.id) }

    /// Removes a database with everything in it.
    ///
    /// ```swift
    /// try store.removeDatabase("shop")
    /// ```
    /// - Throws: ``StoreError/notFound`` where there is none.
    public func removeDatabase(_ name: String) throws(StoreError) {
        try StoreError.translating { () throws(DatabaseError) in
            try account.deleteDatabase(account.databaseID(named: name))
        }
    }

    /// Lets what is in flight come to its end and closes the files. What was acknowledged is kept.
    ///
    /// ```swift
    /// store.close()
    /// ```
    public func close() {
        queryWorkers.stop()
        account.close()
    }
}
