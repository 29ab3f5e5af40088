import OrreryDatabase
import OrreryDocuments
import OrreryTelemetry

/// The topic that is told what becomes of databases and containers.
extension EventHost {
    static var systemSourceID: String { "system" }

    /// The topic's name; nil for none.
    public var systemTopic: String? { sources.systemEvents?.topicName }

    /// Publishes to a topic from now on, and after every start, when databases and containers are created, replaced and
    /// deleted.
    /// - Parameter name: nil to tell nobody any more.
    /// - Throws: `notFound` where there is no such topic.
    public func setSystemTopic(_ name: String?) async throws(EventError) {
        try await changes.take { () throws(EventError) in
            do throws(DatabaseError) {
                try await keepSystemTopic(name)
            } catch {
                throw EventError(error)
            }
        }
    }

    private func keepSystemTopic(_ name: String?) async throws(DatabaseError) {
        guard let name else {
            try await catalog.remove(source: Self.systemSourceID)
            return sources.replaceSystemEvents(nil)
        }
        let events = try SystemEvents(to: try existing(name), host: self)
        try await catalog.save(source: ["id": .string(Self.systemSourceID), "kind": "system", "topic": .string(name)])
        sources.replaceSystemEvents(events)
    }

    private func existing(_ name: String) throws(DatabaseError) -> Topic {
        do throws(EventError) { return try topic(name) } catch { throw .notFound }
    }

    /// Goes on as it is kept.
    func openSystemTopic(_ name: String) {
        do throws(DatabaseError) {
            sources.replaceSystemEvents(try SystemEvents(to: try existing(name), host: self))
        } catch {
            log.error("system-topic-not-opened", [("topic", .text(name)), ("reason", .text("\(error)"))])
        }
    }
}
