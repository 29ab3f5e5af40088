import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys

/// The events of one topic, as items of a container whose log order is theirs.
///
/// All of them have one partition key, so the container has one range for good, and its versions are the order of the
/// events: what a subscription has behind it is one number. How far subscriptions are stands beside the items, as
/// checkpoints of the same log.
final class TopicLog: Sendable {
    /// Events that were read.
    struct Page: Sendable {
        var events: [StoredEvent] = []
        /// The version up to which the page goes.
        var position: UInt64
        /// Whether there was nothing behind it.
        var isAtEnd = true
        /// The LSN that the log had: what to wait beyond where the page is at the end.
        var lsn: UInt64 = 0
    }

    static func containerName(of topic: String) -> String { "events-" + topic }

    let topic: String
    let container: Container
    let range: PartitionKeyRange

    /// Opens a topic's container, or makes it.
    init(_ definition: TopicDefinition, account: Account) throws(DatabaseError) {
        topic = definition.name
        container = try account.systemContainer(Self.containerDefinition(of: definition))
        guard let range = container.ranges.first else { throw .rangeGone }
        self.range = range
    }

    /// The container of a topic.
    static func containerDefinition(of topic: TopicDefinition) throws(DatabaseError) -> ContainerDefinition {
        try ContainerDefinition([
            "id": .string(containerName(of: topic.name)),
            "partitionKey": ["paths": ["/topic"], "kind": "Hash", "version": 2],
            "defaultTtl": .number(topic.retentionMinutes * 60),
            // Events are read in their order: what is not looked up need not be indexed.
            "indexingPolicy": [
                "indexingMode": "consistent", "includedPaths": [["path": "/event/type/?"]],
                "excludedPaths": [["path": "/*"]],
            ],
        ])
    }

    // MARK: Writing

    /// Keeps events, all or none. They are durable when `completion` hears of success.
    func append(
        _ events: [NewEvent], completion: @escaping @Sendable (Result<Void, DatabaseError>) -> Void
    ) {
        do throws(DatabaseError) {
            var operations: [ItemOperation] = []
            for event in events {
                let text = event.text(topic: topic)
                if text.count > EventLimits.keptBytesMax { throw .tooLarge("The event is too long to be kept.") }
                let document = try Container.document(parsing: text)
                operations.append(try container.preparingCreate(document, partitionKey: nil))
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

    // MARK: Reading

    /// The events behind a version, in their order.
    func read(after version: UInt64, countMax: Int, byteCountMax: Int = 4 << 20) throws(DatabaseError) -> Page {
        let snapshot = try container.snapshot(of: range)
        let durableLSN = snapshot.durableLSN
        var page = Page(position: version, lsn: durableLSN)
        var byteCount = 0
        do throws(EngineError) {
            let isWhole = try snapshot.scan(.all, after: version) { item in
                if item.lsn > durableLSN || page.events.count >= countMax || byteCount >= byteCountMax { return false }
                page.position = item.version
                byteCount += item.text.count
                if let event = StoredEvent(item) { page.events.append(event) }
                return true
            }
            page.isAtEnd = isWhole
            // What is behind the last event is the ends of others, which nobody need look at again.
            if isWhole { page.position = max(page.position, try snapshot.lastVersion(upTo: durableLSN)) }
        } catch {
            throw .unavailable("The store failed. The server's log says more.")
        }
        return page
    }

    /// The event of a version; nil where its retention is over.
    func event(_ version: UInt64) throws(DatabaseError) -> StoredEvent? {
        guard version > 0 else { return nil }
        let page = try read(after: version - 1, countMax: 1)
        return page.events.first { $0.version == version }
    }

    /// How many events behind a version, and before another, ended with their retention: exact as far as the log still
    /// has them, and this many at most where it was trimmed.
    func expiredCount(
        after position: UInt64, before next: UInt64?, oldestMilliseconds oldest: Int64
    ) throws(DatabaseError) -> UInt64 {
        let last = min(try lastVersion(beforeMilliseconds: oldest), next.map { $0 - 1 } ?? .max)
        guard last > position else { return 0 }
        if try container.trimmedVersion(of: range) > position { return last - position }
        let snapshot = try container.snapshot(of: range)
        var count: UInt64 = 0
        do throws(EngineError) {
            _ = try snapshot.history(.all, after: position) { change in
                if change.item.version > last { return false }
                if change.kind == .create { count += 1 }
                return true
            }
        } catch {
            throw .unavailable("The store failed. The server's log says more.")
        }
        return count
    }

    /// The version up to which there are events now.
    func lastVersion() throws(DatabaseError) -> UInt64 {
        let snapshot = try container.snapshot(of: range)
        do throws(EngineError) {
            return try snapshot.lastVersion(upTo: snapshot.durableLSN)
        } catch {
            throw .unavailable("The store failed. The server's log says more.")
        }
    }

    /// The last version that was written before a time, in milliseconds since 1970.
    func lastVersion(beforeMilliseconds milliseconds: Int64) throws(DatabaseError) -> UInt64 {
        let snapshot = try container.snapshot(of: range)
        do throws(EngineError) {
            return try snapshot.lastVersion(beforeMilliseconds: milliseconds)
        } catch {
            throw .unavailable("The store failed. The server's log says more.")
        }
    }

    /// Calls back once when there is more behind an LSN; the call is quick.
    func wait(after lsn: UInt64, _ wake: @escaping @Sendable (CommitWake) -> Void) throws(DatabaseError) -> CommitWait {
        try container.wait(for: range, after: lsn, wake)
    }

    // MARK: Progress

    /// What subscriptions kept of how far they are, by their keys.
    func checkpoints() throws(DatabaseError) -> [[UInt8]: [UInt8]] {
        var found: [[UInt8]: [UInt8]] = [:]
        for (key, value) in try container.checkpoints(withPrefix: [], of: range) { found[key] = value }
        return found
    }

    /// Keeps how far subscriptions are.
    func keep(
        _ writes: [CheckpointWrite], completion: @escaping @Sendable (Result<Void, DatabaseError>) -> Void
    ) {
        container.commit([], in: range, checkpoint: CheckpointChange(writes: writes)) { result in
            switch result {
            case .success: completion(.success(()))
            case .failure(let failure): completion(.failure(failure.error))
            }
        }
    }
}
