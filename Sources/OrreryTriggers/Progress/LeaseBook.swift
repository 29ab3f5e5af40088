public import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryKeys
internal import Synchronization

/// The container `leases` of the database `_orrery`: who has which lease, and how far each handler is, as documents to
/// be read and queried like any other. What is believed stands in the partitions' logs; the documents follow it, and
/// are brought up to date before somebody reads them.
public struct LeaseBook: Sendable {
    public static let containerName = "leases"

    private let account: Account
    /// The handlers of which there is a document for certain.
    private let known = Known()

    private final class Known: Sendable {
        let keys = Mutex<Set<String>>([])
    }

    public init(_ account: Account) {
        self.account = account
    }

    /// A handler of which there are documents.
    struct Entry: Hashable {
        let handler: String
        let database: String
        let container: String
    }

    /// Says that a handler has leases on a container.
    func record(_ handler: String, of container: Container) async throws(DatabaseError) {
        let key = "\(container.resourceID.text) \(handler)"
        if known.keys.withLock({ $0.contains(key) }) { return }
        try await refresh(Entry(handler: handler, database: container.databaseID, container: container.id))
        known.keys.withLock { _ = $0.insert(key) }
    }

    /// Brings all documents up to date.
    public func refresh() async throws(DatabaseError) {
        for entry in try entries() { try await refresh(entry) }
    }

    /// The handlers that have leases, in this process or in others.
    func entries() throws(DatabaseError) -> [Entry] {
        var entries: Set<Entry> = []
        for document in try documents().values {
            guard let handler = document["handler"]?.string, let database = document["database"]?.string,
                let container = document["container"]?.string
            else { continue }
            entries.insert(Entry(handler: handler, database: database, container: container))
        }
        return entries.sorted { ($0.handler, $0.container, $0.database) < ($1.handler, $1.container, $1.database) }
    }

    private func refresh(_ entry: Entry) async throws(DatabaseError) {
        let book = try open()
        let present = try documents().filter { $0.value["handler"]?.string == entry.handler }
        var wanted: [String: JSONValue] = [:]
        do throws(DatabaseError) {
            let container = try account.openContainer(
                account.containerID(named: entry.container, in: account.databaseID(named: entry.database)))
            for range in container.ranges {
                let records = try container.checkpoints(withPrefix: TriggerProgress.prefix(entry.handler), of: range)
                if records.isEmpty { continue }
                let lease = WorkerLease(range.number, TriggerProgress(records, name: entry.handler))
                let id = "\(container.resourceID.text).\(range.number)"
                wanted[id] = lease.document(id: id, entry)
            }
        } catch .notFound {
            // The container is gone, and its leases with it.
        }
        for (id, document) in wanted where !document.isSame(as: present[id]) {
            let parsed = try Container.document(parsing: document.text)
            try await book.commit([try book.preparingCreate(parsed, partitionKey: nil, isUpsert: true)])
        }
        for (id, document) in present where wanted[id] == nil {
            guard document["database"]?.string == entry.database, document["container"]?.string == entry.container
            else { continue }
            let key = PartitionKey([.string(entry.handler)])
            let removal = try book.preparingDelete(id: Array(id.utf8), partitionKey: key)
            // Somebody else may have removed it.
            try? await book.commit([removal])
        }
    }

    private func documents() throws(DatabaseError) -> [String: JSONValue] {
        let book = try open()
        var documents: [String: JSONValue] = [:]
        var position: FeedPosition?
        repeat {
            let page = try book.items(in: .container, from: position, itemCountMax: nil)
            for item in page.items {
                documents[String(decoding: item.id, as: UTF8.self)] = try? JSONValue(parsing: item.text)
            }
            position = page.next
        } while position != nil
        return documents
    }

    private func open() throws(DatabaseError) -> Container {
        try account.systemContainer(
            ContainerDefinition([
                "id": .string(Self.containerName),
                "partitionKey": ["paths": ["/handler"], "kind": "Hash", "version": 2],
            ]))
    }
}

extension WorkerLease {
    fileprivate func document(id: String, _ entry: LeaseBook.Entry) -> JSONValue {
        [
            "id": .string(id), "handler": .string(entry.handler), "database": .string(entry.database),
            "container": .string(entry.container), "range": .string(String(rangeNumber)),
            "owner": owner.map { .string($0) } ?? .null, "epoch": .number(JSONNumber(Int64(clamping: epoch))),
            "expires": .number(JSONNumber(expiresMilliseconds)), "lsn": .number(JSONNumber(Int64(clamping: lsn))),
            "paused": .boolean(isPaused),
        ]
    }
}

extension JSONValue {
    /// Whether an item's document says the same, whatever the store added to it.
    fileprivate func isSame(as other: JSONValue?) -> Bool {
        guard let other else { return false }
        return (members ?? []).allSatisfy { other[$0.name] == $0.value }
    }
}
