import Synchronization

/// What topics are told of beside what is published to them: the bridges from containers, and the topic of system
/// events. They are kept in the catalog, and begin again with the host.
final class EventSources: Sendable {
    /// A bridge that is there.
    struct Bridge: Sendable {
        let definition: BridgeDefinition
        /// Why its last call failed, and when; nil where it did not.
        var failure: (message: String, milliseconds: Int64)?
    }

    private struct State {
        var bridges: [String: Bridge] = [:]
        var systemEvents: SystemEvents?
    }

    private let state = Mutex(State())

    var bridges: [Bridge] {
        state.withLock { $0.bridges.values.sorted { $0.definition.name < $1.definition.name } }
    }

    func bridge(_ name: String) -> Bridge? { state.withLock { $0.bridges[name] } }

    func add(_ bridge: BridgeDefinition) {
        state.withLock { $0.bridges[bridge.name] = Bridge(definition: bridge) }
    }

    func removeBridge(_ name: String) {
        state.withLock { _ = $0.bridges.removeValue(forKey: name) }
    }

    /// Says what came of a bridge's last call.
    func note(_ failure: (message: String, milliseconds: Int64)?, of name: String) {
        state.withLock { $0.bridges[name]?.failure = failure }
    }

    var systemEvents: SystemEvents? { state.withLock { $0.systemEvents } }

    /// Has other system events published from now on, or none.
    func replaceSystemEvents(_ events: SystemEvents?) {
        let before = state.withLock { state in
            defer { state.systemEvents = events }
            return state.systemEvents
        }
        before?.stop()
        events?.start()
    }

    /// What publishes to a topic, in words; nil where nothing does.
    func source(of topic: String) -> String? {
        state.withLock { state in
            if state.systemEvents?.topicName.utf8.elementsEqual(topic.utf8) == true { return "system events" }
            let bridge = state.bridges.values.first { $0.definition.topic.utf8.elementsEqual(topic.utf8) }
            return bridge.map { "the bridge '\($0.definition.name)'" }
        }
    }
}
