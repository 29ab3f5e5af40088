import OrreryCrypto
import OrreryEngine
import OrreryTelemetry
import OrreryTriggers
import Synchronization

/// Asking an endpoint for its agreement: at once, and then again and again with growing waits for a day, with the
/// reason shown. No event is delivered before it is given. After ten minutes the subscription is shown as failed.
extension Subscription {
    /// Asks the endpoint of a webhook that has not agreed yet.
    /// - Parameter completion: hears what came of the first time.
    func shakeHands(completion: @escaping @Sendable (WebhookHandshake.Verdict) -> Void = { _ in }) {
        guard case .webhook(let webhook) = definition.destination, webhook.needsAgreement else {
            return completion(.agreed)
        }
        let now = host.clock.nowMilliseconds()
        state.withLock { state in
            state.push.agreement = .missing(reason: "The endpoint has not answered yet.")
            state.push.firstAskedMilliseconds = now
        }
        ask(webhook, attempt: 0, completion)
    }

    private func ask(
        _ webhook: WebhookDefinition, attempt: Int,
        _ completion: @escaping @Sendable (WebhookHandshake.Verdict) -> Void
    ) {
        let schema = definition.deliverySchema ?? topic?.definition.inputSchema
        ask(webhook, WebhookHandshake.methods(schema)[...]) { verdict in
            self.take(verdict, webhook, attempt: attempt)
            completion(verdict)
        }
    }

    /// Tries one way after the other, and answers what the last one said.
    private func ask(
        _ webhook: WebhookDefinition, _ methods: ArraySlice<WebhookHandshake.Method>,
        _ completion: @escaping @Sendable (WebhookHandshake.Verdict) -> Void
    ) {
        guard let method = methods.first else { return completion(.refused(reason: "")) }
        let handshake = WebhookHandshake(
            topic: definition.topic, subscription: name, url: webhook.url, method: method, code: validationCode,
            validationURL: host.validationURL(topic: definition.topic, subscription: name, code: validationCode))
        let now = EventTime(microseconds: host.clock.nowMilliseconds() * 1000)
        host.webhooks.send(handshake.request(now: now)) { answer in
            let verdict = handshake.verdict(answer)
            if case .refused = verdict, methods.count > 1 {
                self.ask(webhook, methods.dropFirst(), completion)
            } else {
                completion(verdict)
            }
        }
    }

    private func take(_ verdict: WebhookHandshake.Verdict, _ webhook: WebhookDefinition, attempt: Int) {
        let delays = WebhookHandshake.delaysSeconds
        var delayMilliseconds = delays[min(attempt, delays.count - 1)] * 1000
        var reason: String
        switch verdict {
        case .agreed: return agree()
        case .awaitsManualAction:
            reason = "\(webhook.url) answered without the validationCode: its owner may open the validationUrl, within "
                + "ten minutes after it was first sent."
            delayMilliseconds = max(delayMilliseconds, WebhookHandshake.manualMilliseconds)
        case .refused(let said): reason = said
        }
        let next = host.clock.nowMilliseconds() + delayMilliseconds
        let mustGoOn: Bool? = state.withLock { state in
            guard case .missing = state.push.agreement, !state.isEnded else { return nil }
            let mustGoOn = next - (state.push.firstAskedMilliseconds ?? next) <= WebhookHandshake.askingMilliseconds
            if !mustGoOn { reason += " It is asked no more until its subscription is written anew." }
            state.push.agreement = .missing(reason: reason)
            return mustGoOn
        }
        guard let mustGoOn else { return }
        host.log.warning("webhook-not-agreed", [
            ("topic", .text(definition.topic)), ("subscription", .text(name)), ("reason", .text(reason)),
        ])
        if mustGoOn { askLater(webhook, attempt: attempt + 1, afterMilliseconds: delayMilliseconds) }
    }

    private func askLater(_ webhook: WebhookDefinition, attempt: Int, afterMilliseconds milliseconds: Int64) {
        host.clock.schedule(Int(milliseconds)) { [weak self] in
            guard let self else { return }
            let isWaiting = self.state.withLock { state in
                if case .missing = state.push.agreement { return !state.isEnded }
                return false
            }
            if isWaiting { self.ask(webhook, attempt: attempt) { _ in } }
        }
    }

    /// The endpoint agreed, itself or its owner by opening the URL.
    func agree() {
        let isNew = state.withLock { state in
            guard case .missing = state.push.agreement else { return false }
            state.push.agreement = .given
            return true
        }
        guard isNew else { return }
        host.keepStanding(.agreed, of: self)
        host.readers.submit { self.pump() }
    }

    /// Agrees by the code of the validation URL. Answers whether it was that, and in time.
    func agree(code: String) -> Bool {
        let now = host.clock.nowMilliseconds()
        guard constantTimeEqual(code.lowercased().utf8, validationCode.lowercased().utf8),
            !state.withLock({ $0.push.hasFailedToAgree(nowMilliseconds: now) })
        else { return false }
        agree()
        return true
    }
}
