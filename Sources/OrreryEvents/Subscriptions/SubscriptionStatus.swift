import OrreryDocuments
import OrreryTriggers
import Synchronization

/// How a subscription fares.
struct SubscriptionStatus: Sendable {
    /// Whether the endpoint wants its events.
    var isAgreed = true
    /// Why nothing is delivered, in words; nil while it is.
    var reason: String?
    /// The events that it has in hand: not settled, and not only waiting in the topic.
    var inHandCount = 0
    var runningCount = 0
    /// Events of the topic behind those, at most: matching and others.
    var behindCount: UInt64 = 0
    var probationSinceMilliseconds: Int64?
    var nextProbeMilliseconds: Int64?
    var lastOutcome = ""
    var lastAttemptMilliseconds: Int64 = 0

    var json: JSONValue {
        func time(_ milliseconds: Int64) -> JSONValue { .string(EventTime(microseconds: milliseconds * 1000).text) }
        var json: JSONValue = [
            "state": .string(reason == nil ? "Active" : "Held"), "eventsInHand": .number(inHandCount),
            "deliveriesUnderWay": .number(runningCount), "eventsBehindMax": .number(Int64(clamping: behindCount)),
        ]
        if let reason { json["reason"] = .string(reason) }
        if let since = probationSinceMilliseconds { json["probationSince"] = time(since) }
        if let next = nextProbeMilliseconds { json["nextProbe"] = time(next) }
        if !lastOutcome.isEmpty { json["lastOutcome"] = .string(lastOutcome) }
        if lastAttemptMilliseconds > 0 { json["lastAttemptTime"] = time(lastAttemptMilliseconds) }
        return json
    }
}

extension Subscription {
    var status: SubscriptionStatus {
        let last = (try? topic?.log.lastVersion()) ?? 0
        return state.withLock { state in
            var status = SubscriptionStatus()
            switch state.push.agreement {
            case .given: break
            case .missing(let reason): (status.isAgreed, status.reason) = (false, reason)
            case .withdrawn: status.reason = "The endpoint answered that it is gone for good (410)."
            }
            if let probation = state.push.probation {
                status.reason = "The endpoint failed \(state.push.failuresInRow) times in a row and is on probation."
                status.probationSinceMilliseconds = probation.sinceMilliseconds
                status.nextProbeMilliseconds = probation.nextProbeMilliseconds
            }
            status.inHandCount = state.queue.count
            status.runningCount = state.push.runningCount
            status.behindCount = state.isLive ? 0 : last &- min(last, state.queue.position)
            status.lastOutcome = state.push.lastOutcome
            status.lastAttemptMilliseconds = state.push.lastAttemptMilliseconds
            return status
        }
    }
}
