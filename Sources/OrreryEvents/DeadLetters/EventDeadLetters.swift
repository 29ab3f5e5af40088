import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys

/// Events that could not be delivered, as items of an ordinary container: with the reason, to be looked at with a
/// query and handed over again.
final class EventDeadLetters: Sendable {
    /// One event on its way there.
    struct Letter: Sendable {
        let event: StoredEvent
        let entry: DeliveryQueue.Entry
        let reason: DeadLetterReason
    }

    /// The container for subscriptions that name none.
    static let containerName = "event-dead-letters"

    private let account: Account

    init(_ account: Account) {
        self.account = account
    }

    /// Keeps events; those that were kept before are kept anew, so that repetitions do no harm. `completion` hears
    /// when all are durable.
    func put(
        _ letters: [Letter], of subscription: SubscriptionDefinition,
        completion: @escaping @Sendable (Result<Void, DatabaseError>) -> Void
    ) {
        do throws(DatabaseError) {
            let container = try open(subscription)
            var operations: [ItemOperation] = []
            for letter in letters {
                let document = try Container.document(parsing: Self.text(of: letter, subscription))
                operations.append(try container.preparingCreate(document, partitionKey: nil, isUpsert: true))
            }
            container.commit(operations) { result in
                switch result {
                case .success: completion(.success(()))
                case .failure(let failure): completion(.failure(failure.error))
                }
            }
        } catch {
            completion(.failure(error))
        }
    }

    /// The document of a dead letter. The event stands in it byte for byte as its topic kept it, so that it fits
    /// wherever it came from.
    private static func text(of letter: Letter, _ subscription: SubscriptionDefinition) -> [UInt8] {
        var writer = JSONWriter(reservingBytes: 1024 + letter.event.byteCount)
        writer.beginObject()
        for member in json(letter, of: subscription).members ?? [] {
            writer.name(member.name)
            writer.raw(member.value.text)
        }
        writer.name("event")
        writer.raw(letter.event.event.json)
        writer.endObject()
        return writer.bytes
    }

    private static func json(_ letter: Letter, of subscription: SubscriptionDefinition) -> JSONValue {
        let (event, entry) = (letter.event, letter.entry)
        func time(_ milliseconds: Int64) -> JSONValue {
            .string(EventTime(microseconds: milliseconds * 1000).text)
        }
        var json: JSONValue = [
            "id": .string("\(subscription.topic):\(subscription.name):\(event.version)"),
            "subscription": .string(subscription.id),
            "topic": .string(subscription.topic),
            "eventId": .string(event.event.id),
            "schema": .string(event.schema.rawValue),
            "deadLetterReason": .string(letter.reason.rawValue),
            "deliveryAttempts": .number(entry.attempts),
            "lastDeliveryOutcome": .string(entry.lastOutcome ?? outcome(entry)),
            "publishTime": time(event.publishedMilliseconds),
        ]
        if entry.lastAttemptMilliseconds > 0 { json["lastDeliveryAttemptTime"] = time(entry.lastAttemptMilliseconds) }
        if entry.lastStatus > 0 { json["lastHttpStatusCode"] = .number(entry.lastStatus) }
        if let traceparent = event.traceparent { json["traceparent"] = .string(traceparent) }
        return json
    }

    private static func outcome(_ entry: DeliveryQueue.Entry) -> String {
        if entry.attempts == 0 { return "NotAttempted" }
        return entry.lastStatus == 0
            ? DeliveryOutcome.timedOut.name : DeliveryOutcome.answered(status: entry.lastStatus).name
    }

    // MARK: Reading

    /// A dead letter as it is handed over again.
    struct Kept: Sendable {
        let id: String
        let reason: String
        let event: Event
        let schema: EventSchema
        let traceparent: String?
    }

    /// The dead letters of a subscription, in the order in which they came there.
    func all(of subscription: SubscriptionDefinition) throws(DatabaseError) -> [Kept] {
        let container = try open(subscription)
        let key = container.definition.partitionKey.partitionKey(
            of: try Container.document(parsing: Array(#"{"subscription":"\#(subscription.id)"}"#.utf8)).root)
        var found: [Kept] = []
        try container.eachItem(in: .partitionKey(key)) { item in
            guard let document = try? JSONDocument(parsing: item.text), let id = document.root["id"]?.string,
                let node = document.root["event"], let event = try? Event(node),
                document.root["subscription"]?.isString(subscription.id) == true
            else { return }
            found.append(
                Kept(
                    id: id, reason: document.root["deadLetterReason"]?.string ?? "", event: event,
                    schema: document.root["schema"]?.string.flatMap(EventSchema.init(name:)) ?? .cloudEvents,
                    traceparent: document.root["traceparent"]?.string))
        }
        return found
    }

    /// Forgets dead letters.
    func remove(_ ids: [String], of subscription: SubscriptionDefinition) async throws(DatabaseError) {
        let container = try open(subscription)
        let key = PartitionKey([.string(subscription.id)])
        for id in ids {
            do throws(DatabaseError) {
                try await container.commit([container.preparingDelete(id: Array(id.utf8), partitionKey: key)])
            } catch .notFound {
                continue
            }
        }
    }

    // MARK: The container

    /// The subscription's own container, made like the server's where it is missing: its partition key is
    /// `/subscription`.
    private func open(_ subscription: SubscriptionDefinition) throws(DatabaseError) -> Container {
        if let path = subscription.deadLetterContainer {
            let parts = path.split(separator: "/")
            guard parts.count == 2 else { throw .invalidInput }
            let database = try account.databaseID(named: String(parts[0]))
            do throws(DatabaseError) {
                return try account.openContainer(account.containerID(named: String(parts[1]), in: database))
            } catch .notFound {
                let made = try account.createContainer(
                    Self.definition(named: String(parts[1])), in: database, throughput: nil)
                return try account.openContainer(made.resourceID)
            }
        }
        return try account.systemContainer(Self.definition(named: Self.containerName))
    }

    private static func definition(named name: String) throws(DatabaseError) -> ContainerDefinition {
        try ContainerDefinition([
            "id": .string(name), "partitionKey": ["paths": ["/subscription"], "kind": "Hash", "version": 2],
        ])
    }
}
