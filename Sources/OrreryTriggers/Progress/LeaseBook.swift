public import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryKeys
internal import Synchronization

/// The container `leases` of the database `_orrery`: who has which lease, and how far each handler is, as documents to
/// be read and queried like any other. What is believed stands in the partitions' logs; the documents follow it, and
/// are brought up to date before somebody reads them.
public final class LeaseBook: Sendable {
    public static let containerName = "leases"

    private let account: Account
    /// The handlers of which there are documents for certain, and of which container each was.
    private let known = Mutex<[Entry: ResourceID]>([:])

    public init(_ account: Account) {
        self.account = account
    }

    /// A handler of which there are documents.
    struct Entry: Hashable, Sendable {
        let handler: String
        let database: String
        let container: String

        private var names: [[UInt8]] { [handler, database, container].map { Array($0.utf8) } }

        // Names are bytes: two that only look the same name two containers.
        static func == (left: Entry, right: Entry) -> Bool { left.names == right.names }

        func hash(into hasher: inout Hasher) { hasher.combine(names) }
    }

    private struct Document {
        let id: [UInt8]
        let json: JSONValue
        let etag: ItemEtag
    }

    /// Says that a handler has leases on a container.
    func record(_ handler: String, of container: Container) async throws(DatabaseError) {
        let entry = Entry(handler: handler, database: container.databaseID, container: container.id)
        if known.withLock({ $0[entry] == container.resourceID }) { return }
        try await refresh(entry, try documents(in: .partitionKey(PartitionKey([.string(handler)])))[entry] ?? [])
    }

    /// Brings all documents up to date.
    public func refresh() async throws(DatabaseError) {
        for (entry, present) in try documents(in: .container) { try await refresh(entry, present) }
    }

    /// The handlers that have leases, in this process or in others.
    func entries() throws(DatabaseError) -> [Entry] {
        try documents(in: .container).keys.sorted {
            ($0.handler, $0.container, $0.database) < ($1.handler, $1.container, $1.database)
        }
    }

    private func refresh(_ entry: Entry, _ present: [Document]) async throws(DatabaseError) {
        // First: who takes a lease while this looks, and is not seen by it, must write the document himself.
        known.withLock { $0[entry] = nil }
        let book = try open()
        let container = try container(of: entry)
        let wanted = try container.map { (container) throws(DatabaseError) in try documents(of: entry, in: container) }
        for (id, json) in wanted ?? [:] {
            if let document = present.first(where: { $0.id == id }), json.isSame(as: document.json) { continue }
            let parsed = try Container.document(parsing: json.text)
            try await book.commit([try book.preparingCreate(parsed, partitionKey: nil, isUpsert: true)])
        }
        for document in present where wanted?[document.id] == nil {
            let removal = try book.preparingDelete(
                id: document.id, partitionKey: PartitionKey([.string(entry.handler)]),
                precondition: .match(document.etag))
            // Somebody else may have removed it, or written it anew.
            _ = try? await book.commit([removal])
        }
        guard let container, wanted?.isEmpty == false else { return }
        known.withLock { $0[entry] = container.resourceID }
    }

    /// A handler's container; nil where it is gone, and its leases with it.
    func container(of entry: Entry) throws(DatabaseError) -> Container? {
        do throws(DatabaseError) {
            return try account.openContainer(
                account.containerID(named: entry.container, in: account.databaseID(named: entry.database)))
        } catch .notFound {
            return nil
        }
    }

    /// What the documents of a handler are to say, by their ids.
    private func documents(
        of entry: Entry, in container: Container
    ) throws(DatabaseError) -> [[UInt8]: JSONValue] {
        var wanted: [[UInt8]: JSONValue] = [:]
        for range in container.ranges {
            let progress = try TriggerProgress(of: entry.handler, in: range, of: container)
            if progress.epoch == 0 { continue }
            let id = "\(container.resourceID.text).\(range.number)"
            wanted[Array(id.utf8)] = WorkerLease(range.number, progress).document(id: id, entry)
        }
        return wanted
    }

    /// The documents that there are, by their handlers.
    private func documents(in scope: FeedScope) throws(DatabaseError) -> [Entry: [Document]] {
        var documents: [Entry: [Document]] = [:]
        try open().eachItem(in: scope) { item in
            guard let json = try? JSONValue(parsing: item.text), let handler = json["handler"]?.string,
                let database = json["database"]?.string, let container = json["container"]?.string
            else { return }
            let entry = Entry(handler: handler, database: database, container: container)
            documents[entry, default: []].append(Document(id: item.id, json: json, etag: item.etag))
        }
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
