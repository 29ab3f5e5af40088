import OrreryDocuments
import OrreryTriggers
import Synchronization

/// How a subscription fares.
struct SubscriptionStatus: Sendable {
    /// Whether the endpoint wants its events.
    var isAgreed = true
    /// Whether it has had all the time that there is for saying so.
    var hasFailed = false
    /// Why nothing is delivered, in words; nil while it is.
    var reason: String?
    /// The events that it has in hand: not settled, and not only waiting in the topic.
    var inHandCount = 0
    var runningCount = 0
    /// Events of the topic behind those, at most: matching and others.
    var behindCount: UInt64 = 0
    var probationSinceMilliseconds: Int64?
    var nextProbeMilliseconds: Int64?
    var goneSinceMilliseconds: Int64?
    var losses = SubscriptionLosses()
    var lastOutcome = ""
    var lastAttemptMilliseconds: Int64 = 0

    /// Where its making stands, in the words of Event Grid's control plane.
    var provisioningState: String {
        if isAgreed { return "Succeeded" }
        return hasFailed ? "Failed" : "AwaitingManualAction"
    }

    var json: JSONValue {
        func time(_ milliseconds: Int64) -> JSONValue { .string(EventTime(microseconds: milliseconds * 1000).text) }
        var json: JSONValue = [
            "state": .string(reason == nil ? "Active" : "Held"), "eventsInHand": .number(inHandCount),
            "deliveriesUnderWay": .number(runningCount), "eventsBehindMax": .number(Int64(clamping: behindCount)),
        ]
        if let reason { json["reason"] = .string(reason) }
        if let since = probationSinceMilliseconds { json["probationSince"] = time(since) }
        if let next = nextProbeMilliseconds { json["nextProbe"] = time(next) }
        if let since = goneSinceMilliseconds { json["goneSince"] = time(since) }
        if losses.eventCount > 0 {
            json["eventsLostMax"] = .number(Int64(clamping: losses.eventCount))
            json["lastLossTime"] = time(losses.lastMilliseconds)
        }
        if losses.hasStartedOver {
            json["notice"] = "Its place in the topic could not be read: it began anew with the oldest event."
        }
        if !lastOutcome.isEmpty { json["lastOutcome"] = .string(lastOutcome) }
        if lastAttemptMilliseconds > 0 { json["lastAttemptTime"] = time(lastAttemptMilliseconds) }
        return json
    }
}

extension Subscription {
    var status: SubscriptionStatus {
        let last = (try? topic?.log.lastVersion()) ?? 0
        let now = host.clock.nowMilliseconds()
        return state.withLock { state in
            var status = SubscriptionStatus()
            switch state.push.agreement {
            case .given: break
            case .missing(let reason): (status.isAgreed, status.reason) = (false, reason)
            case .withdrawn(let milliseconds):
                status.reason = "The endpoint answered that it is gone for good (410): nothing more is sent to it "
                    + "until the subscription is written anew."
                status.goneSinceMilliseconds = milliseconds
            }
            if status.reason == nil, let probation = state.push.probation {
                status.reason = "The endpoint failed \(state.push.failuresInRow) times in a row and is on probation."
                status.probationSinceMilliseconds = probation.sinceMilliseconds
                status.nextProbeMilliseconds = probation.nextProbeMilliseconds
            }
            status.hasFailed = state.push.hasFailedToAgree(nowMilliseconds: now)
            status.losses = state.losses
            status.inHandCount = state.queue.count
            status.runningCount = state.push.runningCount
            status.behindCount = state.isLive ? 0 : last &- min(last, state.queue.position)
            status.lastOutcome = state.push.lastOutcome
            status.lastAttemptMilliseconds = state.push.lastAttemptMilliseconds
            return status
        }
    }
}
