import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import OrreryTelemetry

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
        case sources = "event-sources"
    }

    // MARK: Reading

    /// All topics. What cannot be read is left out, and said in a log.
    func topics(_ log: Log) throws(DatabaseError) -> [TopicDefinition] {
        try all(.topics).compactMap { json in
            let topic = TopicDefinition(kept: json)
            if topic == nil { log.error("topic-unreadable", [("topic", .text(json["id"]?.string ?? ""))]) }
            return topic
        }
    }

    /// What is kept of a subscription.
    typealias KeptSubscription = (topic: String, name: String, properties: JSONValue, standing: EndpointStanding)

    /// All subscriptions of all topics. What cannot be read is left out, and said in a log.
    func subscriptions(_ log: Log) throws(DatabaseError) -> [KeptSubscription] {
        try all(.subscriptions).compactMap { json in
            guard let topic = json["topic"]?.string, let name = json["name"]?.string,
                let properties = json["properties"]
            else {
                log.error("subscription-unreadable", [("subscription", .text(json["id"]?.string ?? ""))])
                return nil
            }
            return (topic, name, properties, EndpointStanding(kept: json))
        }
    }

    /// What topics are told of beside what is published to them.
    func sources() throws(DatabaseError) -> [JSONValue] {
        try all(.sources)
    }

    private func all(_ kind: Kind) throws(DatabaseError) -> [JSONValue] {
        guard let container = try existing(kind) else { return [] }
        var found: [JSONValue] = []
        try container.eachItem(in: .container) { item in
            if let json = try? JSONValue(parsing: item.text) { found.append(json) }
        }
        return found
    }

    private func existing(_ kind: Kind) throws(DatabaseError) -> Container? {
        do throws(DatabaseError) {
            let database = try account.databaseID(named: Account.systemDatabaseName)
            return try account.openContainer(account.containerID(named: kind.rawValue, in: database))
        } catch .notFound {
            return nil
        }
    }

    // MARK: Writing

    func save(_ topic: TopicDefinition) async throws(DatabaseError) {
        try await put(topic.json, in: .topics)
    }

    func save(_ subscription: SubscriptionDefinition, _ standing: EndpointStanding) async throws(DatabaseError) {
        var json = subscription.json
        standing.write(to: &json)
        json["id"] = .string(Self.documentID(topic: subscription.topic, name: subscription.name))
        try await put(json, in: .subscriptions)
    }

    /// Keeps what an endpoint said, where the subscription is still the one that it was asked for.
    func keep(_ standing: EndpointStanding, of subscription: SubscriptionDefinition) async throws(DatabaseError) {
        let id = Self.documentID(topic: subscription.topic, name: subscription.name)
        let properties = subscription.properties
        let container = try open(.subscriptions)
        let operation = try container.preparingChange(
            id: Array(id.utf8), partitionKey: PartitionKey([.string(id)])
        ) { (document) throws(DatabaseError) in
            var json = JSONValue(document.root)
            guard json["properties"] == properties else { return document }
            standing.write(to: &json)
            return try Container.document(parsing: json.text)
        }
        do throws(DatabaseError) {
            try await container.commit([operation])
        } catch .notFound {
            return
        }
    }

    /// Keeps a source of events, by its id.
    func save(source json: JSONValue) async throws(DatabaseError) {
        try await put(json, in: .sources)
    }

    func remove(source id: String) async throws(DatabaseError) {
        try await remove(id, from: .sources)
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
            ]))
    }
}
