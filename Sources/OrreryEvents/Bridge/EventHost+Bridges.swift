import OrreryDatabase
import OrreryDocuments
import OrreryTelemetry
import OrreryTriggers

/// Bridges: a handler of a container's changes publishes each of them. What it has published is its progress, kept in
/// the container's own log, so there is no event without its write and no write without its event.
extension EventHost {
    /// Has the changes of a container published from now on, and after every start, or changes how. A bridge of another
    /// container or topic than the one of its name begins anew.
    /// - Returns: whether it is new.
    /// - Throws: `notFound` where there is no such topic; `badRequest` for a condition that is refused; `conflict` for
    ///   a second bridge between the same two.
    @discardableResult
    public func putBridge(_ bridge: BridgeDefinition) async throws(EventError) -> Bool {
        try await changes.take { () throws(EventError) in try await keep(bridge) }
    }

    private func keep(_ bridge: BridgeDefinition) async throws(EventError) -> Bool {
        var bridge = bridge
        _ = try topic(bridge.topic)
        let before = sources.bridge(bridge.name)?.definition
        if let before, before.value == bridge.value { return false }
        let isSame = before?.handlerName == bridge.handlerName
        let others = sources.bridges.map(\.definition).filter { $0.handlerName == bridge.handlerName }
        if let other = others.first(where: { $0.name != bridge.name }) {
            throw EventError(
                .conflict, "The bridge '\(other.name)' is from \(bridge.container) to \(bridge.topic) already.")
        }
        bridge.startMilliseconds = isSame ? before?.startMilliseconds ?? 0 : clock.nowMilliseconds()
        // What is refused changes nothing.
        _ = try handler(of: bridge)
        do throws(DatabaseError) {
            try await catalog.save(source: bridge.json)
        } catch {
            throw EventError(error)
        }
        if let before { try await stop(before, forgets: !isSame) }
        try begin(bridge)
        return before == nil
    }

    /// Ends a bridge, and forgets how far it was.
    public func deleteBridge(_ name: String) async throws(EventError) {
        try await changes.take { () throws(EventError) in try await remove(bridge: name) }
    }

    private func remove(bridge name: String) async throws(EventError) {
        let bridge = try bridge(name).definition
        do throws(DatabaseError) {
            try await catalog.remove(source: bridge.sourceID)
        } catch {
            throw EventError(error)
        }
        try await stop(bridge, forgets: true)
    }

    /// Has a bridge publish again what changed since a time, as far as the container keeps it; the way on for one whose
    /// next change is not kept any more. An event that its topic still has is not published twice.
    func replayBridge(_ name: String, sinceMilliseconds milliseconds: Int64) async throws(EventError) {
        try await changes.take { () throws(EventError) in
            let bridge = try bridge(name).definition
            do throws(TriggerError) {
                try await triggers.replay(bridge.handlerName, from: .time(milliseconds))
            } catch {
                throw EventError(.unavailable, "\(error)")
            }
        }
    }

    func bridge(_ name: String) throws(EventError) -> EventSources.Bridge {
        guard let bridge = sources.bridge(name) else {
            throw EventError(.notFound, "There is no bridge '\(name)'.")
        }
        return bridge
    }

    /// Goes on with a bridge as it is kept.
    func openBridge(_ json: JSONValue) {
        do throws(EventError) {
            try begin(try BridgeDefinition(kept: json))
        } catch {
            log.error("bridge-not-opened", [
                ("bridge", .text(json["name"]?.string ?? "")), ("reason", .text(error.message)),
            ])
        }
    }

    private func begin(_ bridge: BridgeDefinition) throws(EventError) {
        let handler = try handler(of: bridge)
        sources.add(bridge)
        do throws(TriggerError) {
            try triggers.register(handler)
        } catch {
            throw EventError(.conflict, "The bridge '\(bridge.name)': \(error)")
        }
    }

    private func stop(_ bridge: BridgeDefinition, forgets: Bool) async throws(EventError) {
        sources.removeBridge(bridge.name)
        do throws(TriggerError) {
            try await triggers.remove(bridge.handlerName, forgets: forgets)
        } catch {
            throw EventError(.unavailable, "The bridge '\(bridge.name)' could not be ended: \(error)")
        }
    }
}
