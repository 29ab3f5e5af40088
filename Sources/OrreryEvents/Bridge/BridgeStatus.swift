import OrreryDocuments
import OrreryTriggers

/// How a bridge fares.
struct BridgeStatus: Sendable {
    let bridge: EventSources.Bridge
    /// Of the handler that carries its changes over; nil while that begins.
    let handler: TriggerStatus?

    /// Why nothing is published, in words; nil while it is.
    private var reason: String? {
        if let ranges = handler?.trimmedRanges, !ranges.isEmpty {
            return "The container does not keep its next change any more: it was behind for longer than the "
                + "retention. A replay says where it goes on. Ranges: "
                + ranges.map(String.init).joined(separator: ", ")
        }
        return bridge.failure?.message
    }

    var json: JSONValue {
        func time(_ milliseconds: Int64) -> JSONValue { .string(EventTime(microseconds: milliseconds * 1000).text) }
        var json: JSONValue = ["state": .string(reason == nil ? "Active" : "Held")]
        if let reason { json["reason"] = .string(reason) }
        if let failure = bridge.failure { json["lastFailureTime"] = time(failure.milliseconds) }
        guard let handler else { return json }
        json["changesBehind"] = .number(handler.lagCount)
        json["secondsBehind"] = .number(handler.lagMilliseconds / 1000)
        if handler.lostCountMax > 0 { json["changesLostMax"] = .number(Int64(clamping: handler.lostCountMax)) }
        json["changesPublished"] = .number(Int64(clamping: handler.processed))
        return json
    }
}

extension EventHost {
    /// Bridges as the control plane shows them.
    func bridgeResources() -> [JSONValue] {
        let statuses = triggers.statuses()
        return sources.bridges.map { bridge in
            let handler = statuses.first { $0.name == bridge.definition.handlerName }
            var value = bridge.definition.value
            value["status"] = BridgeStatus(bridge: bridge, handler: handler).json
            return value
        }
    }
}
