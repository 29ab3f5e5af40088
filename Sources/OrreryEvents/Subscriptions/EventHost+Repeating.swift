import OrreryDatabase
import Synchronization

/// Delivering again what was delivered, or could not be.
extension EventHost {
    /// Has a subscription look at its topic again from a time on: what matches is delivered once more, as far back as
    /// the topic's retention goes. What it has in hand stays, and is not doubled.
    func replay(
        _ subscription: Subscription, of topic: Topic, sinceMilliseconds milliseconds: Int64
    ) async throws(EventError) {
        do throws(DatabaseError) {
            // What is not kept any more is none of what is to be delivered again.
            let position = try topic.log.lastVersion(
                beforeMilliseconds: max(milliseconds, topic.oldestMilliseconds))
            topic.whileNotRouting { _ in subscription.rewind(to: position) }
            try await topic.progress.keep()
            subscription.pump()
        } catch {
            throw EventError(error)
        }
    }

    /// Publishes the dead letters of a subscription once more, for it alone and with the same ids, and forgets them
    /// when that is durable. Answers how many.
    func redrive(_ subscription: Subscription, of topic: Topic) async throws(EventError) -> Int {
        let letters: [EventDeadLetters.Kept]
        do throws(DatabaseError) {
            letters = try deadLetters.all(of: subscription.definition)
        } catch {
            throw EventError(error)
        }
        let batch = EventID.random()
        for (position, letter) in letters.enumerated() {
            let event = NewEvent(
                documentID: "\(batch)-\(position)", event: letter.event, schema: letter.schema,
                traceparent: letter.traceparent, onlySubscription: subscription.name)
            try await publish([event], to: topic)
            do throws(DatabaseError) {
                try await deadLetters.remove([letter.id], of: subscription.definition)
            } catch {
                throw EventError(error)
            }
        }
        return letters.count
    }
}

extension Subscription {
    /// Looks at the topic again from a version on.
    func rewind(to position: UInt64) {
        state.withLock { state in
            guard position < state.queue.position else { return }
            state.queue.rewind(to: position)
            state.isLive = false
            state.isChanged = true
        }
    }
}
