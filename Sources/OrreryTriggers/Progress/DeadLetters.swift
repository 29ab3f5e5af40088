internal import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine
internal import OrreryKeys

/// Changes that a handler could not handle, as items of a container of their own: with what was wrong, to be looked at
/// with a query and handed over again.
struct DeadLetters: Sendable {
    /// What the name of a container of dead letters has behind that of the container whose changes they are.
    static let nameSuffix = "-dead-letters"

    private let account: Account

    init(_ account: Account) {
        self.account = account
    }

    /// The handler whose dead letters they are, and where they go.
    struct Owner: Sendable {
        let handler: String
        let databaseName: String
        let containerName: String
    }

    /// Keeps a change. One that was kept before is kept anew, so that repetitions do no harm.
    func put(
        _ change: TriggerChange, of owner: Owner, message: String, attempts: Int
    ) async throws(DatabaseError) {
        let container = try open(owner)
        var json: JSONValue = [
            "id": .string("\(owner.handler)-\(change.idempotencyKey)"),
            "trigger": .string(owner.handler),
            "error": .string(message),
            "attempts": .number(JSONNumber(Int64(attempts))),
            "kind": .string(change.kind.rawValue),
            "itemId": .string(change.id),
            "lsn": .number(JSONNumber(Int64(clamping: change.lsn))),
            "version": .number(JSONNumber(Int64(clamping: change.version))),
            "timestampMilliseconds": .number(JSONNumber(change.timestampMilliseconds)),
            "idempotencyKey": .string(change.idempotencyKey),
            "deliveryCount": .number(JSONNumber(Int64(change.deliveryCount))),
        ]
        if let text = change.text { json["item"] = try? JSONValue(parsing: text) }
        if let traceparent = change.traceparent { json["traceparent"] = .string(traceparent) }
        // An item that is gone is shown as it was.
        if change.text == nil, let text = change.previous { json["previous"] = try? JSONValue(parsing: text) }
        let document = try Container.document(parsing: json.text)
        try await container.commit([try container.preparingCreate(document, partitionKey: nil, isUpsert: true)])
    }

    /// A change that was given up.
    struct Letter: Sendable {
        let id: String
        let change: TriggerChange
        /// When it was kept last, in milliseconds since 1970.
        let keptMilliseconds: Int64
    }

    /// The dead letters of a handler, the oldest first.
    func all(of owner: Owner) throws(DatabaseError) -> [Letter] {
        let container = try open(owner)
        let key = PartitionKey([.string(owner.handler)])
        var found: [Letter] = []
        try container.eachItem(in: .partitionKey(key)) { item in
            guard let change = TriggerChange(item) else { return }
            let id = String(decoding: item.id, as: UTF8.self)
            found.append(Letter(id: id, change: change, keptMilliseconds: item.timestampMilliseconds))
        }
        return found
    }

    /// Forgets a dead letter, where it is there.
    func remove(_ id: String, of owner: Owner) async throws(DatabaseError) {
        let container = try open(owner)
        let key = PartitionKey([.string(owner.handler)])
        do throws(DatabaseError) {
            try await container.commit([try container.preparingDelete(id: Array(id.utf8), partitionKey: key)])
        } catch {
            if error != .notFound { throw error }
        }
    }

    private func open(_ owner: Owner) throws(DatabaseError) -> Container {
        let database = try account.databaseID(named: owner.databaseName)
        let name = owner.containerName
        do throws(DatabaseError) {
            return try account.openContainer(account.containerID(named: name, in: database))
        } catch .notFound {
            let definition = try ContainerDefinition([
                "id": .string(name),
                "partitionKey": ["paths": ["/trigger"], "kind": "Hash", "version": 2],
            ])
            do throws(DatabaseError) {
                return try account.openContainer(
                    account.createContainer(definition, in: database, throughput: nil).resourceID)
            } catch .conflict {
                return try account.openContainer(account.containerID(named: name, in: database))
            }
        }
    }
}

extension Trigger {
    var deadLetterOwner: DeadLetters.Owner {
        DeadLetters.Owner(
            handler: name, databaseName: databaseName,
            containerName: options.deadLetterContainer ?? containerName + DeadLetters.nameSuffix)
    }
}

extension WorkerHandler {
    var deadLetterOwner: DeadLetters.Owner {
        DeadLetters.Owner(
            handler: name, databaseName: databaseName, containerName: containerName + DeadLetters.nameSuffix)
    }
}

extension TriggerChange {
    /// Reads a dead letter; nil for what is none.
    fileprivate init?(_ item: Item) {
        guard let json = try? JSONValue(parsing: item.text), let kind = json["kind"]?.string.flatMap(Kind.init),
            let id = json["itemId"]?.string, let key = json["idempotencyKey"]?.string
        else { return nil }
        func number(_ name: String) -> Int64 { json[name]?.int64 ?? 0 }
        self.init(
            kind: kind, id: id, text: json["item"]?.text, previous: json["previous"]?.text,
            lsn: UInt64(clamping: number("lsn")), version: UInt64(clamping: number("version")),
            timestampMilliseconds: number("timestampMilliseconds"), idempotencyKey: key,
            traceparent: json["traceparent"]?.string,
            deliveryCount: Int(clamping: number("deliveryCount")) &+ 1)
    }
}
