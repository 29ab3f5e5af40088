import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys

/// The definitions of topics and subscriptions, as items of two containers. Until the first topic is made there are
/// none of these, and events cost nothing.
final class EventCatalog: Sendable {
    private let account: Account

    init(_ account: Account) {
        self.account = account
    }

    private enum Kind: String {
        case topics = "event-topics"
        case subscriptions = "event-subscriptions"
    }

    // MARK: Reading

    func topics() throws(DatabaseError) -> [TopicDefinition] {
        try all(.topics).compactMap { TopicDefinition(kept: $0) }
    }

    /// What is kept of a subscription.
    typealias KeptSubscription = (topic: String, name: String, properties: JSONValue, isAgreed: Bool)

    /// All subscriptions of all topics.
    func subscriptions() throws(DatabaseError) -> [KeptSubscription] {
        try all(.subscriptions).compactMap { json in
            guard let topic = json["topic"]?.string, let name = json["name"]?.string,
                let properties = json["properties"]
            else { return nil }
            return (topic, name, properties, json["isAgreed"]?.boolean ?? false)
        }
    }

    private func all(_ kind: Kind) throws(DatabaseError) -> [JSONValue] {
        guard let container = try existing(kind) else { return [] }
        var found: [JSONValue] = []
        var position: FeedPosition?
        repeat {
            let page = try container.items(in: .container, from: position, itemCountMax: nil)
            found += page.items.compactMap { try? JSONValue(parsing: $0.text) }
            position = page.next
        } while position != nil
        return found
    }

    private func existing(_ kind: Kind) throws(DatabaseError) -> Container? {
        do throws(DatabaseError) {
            let database = try account.databaseID(named: TopicLog.databaseName)
            return try account.openContainer(account.containerID(named: kind.rawValue, in: database))
        } catch .notFound {
            return nil
        }
    }

    // MARK: Writing

    func save(_ topic: TopicDefinition) async throws(DatabaseError) {
        try await put(topic.json, in: .topics)
    }

    /// - Parameter isAgreed: whether the endpoint is known to want its events.
    func save(_ subscription: SubscriptionDefinition, isAgreed: Bool) async throws(DatabaseError) {
        var json = subscription.json
        json["isAgreed"] = .boolean(isAgreed)
        json["id"] = .string(Self.documentID(topic: subscription.topic, name: subscription.name))
        try await put(json, in: .subscriptions)
    }

    func remove(topic: String) async throws(DatabaseError) {
        try await remove(topic, from: .topics)
    }

    func remove(subscription name: String, of topic: String) async throws(DatabaseError) {
        try await remove(Self.documentID(topic: topic, name: name), from: .subscriptions)
    }

    /// Ids of items have no slash; names have no colon.
    private static func documentID(topic: String, name: String) -> String { "\(topic):\(name)" }

    private func put(_ json: JSONValue, in kind: Kind) async throws(DatabaseError) {
        let container = try open(kind)
        let document = try Container.document(parsing: json.text)
        try await container.commit([container.preparingCreate(document, partitionKey: nil, isUpsert: true)])
    }

    private func remove(_ id: String, from kind: Kind) async throws(DatabaseError) {
        let container = try open(kind)
        let operation = try container.preparingDelete(
            id: Array(id.utf8), partitionKey: PartitionKey([.string(id)]))
        do throws(DatabaseError) {
            try await container.commit([operation])
        } catch .notFound {
            return
        }
    }

    private func open(_ kind: Kind) throws(DatabaseError) -> Container {
        try account.systemContainer(
            ContainerDefinition([
                "id": .string(kind.rawValue), "partitionKey": ["paths": ["/id"], "kind": "Hash", "version": 2],
            ]),
            in: DatabaseDefinition(["id": .string(TopicLog.databaseName)]))
    }
}
