internal import OrreryDatabase
internal import OrreryEngine
internal import OrreryTelemetry
internal import Synchronization

/// What becomes of a reader's calls.
extension TriggerReader {
    /// What became of a call: what is to be said of its batch, and what else is to be done.
    typealias Outcome = (inout State) -> Void

    /// Calls the handler with a batch.
    func call(_ batch: ChangeWindow.Batch) async -> Outcome {
        if batch.attempt > 1 { counters.retried.add(UInt64(batch.changes.count)) }
        if let first = batch.changes.first, batch.attempt == 1 {
            let delay = max(0, host.clock.nowMilliseconds() - first.timestampMilliseconds)
            counters.delay.record(UInt64(delay) * 1_000_000)
        }
        let context = TriggerContext(triggerName: trigger.name, container: container)
        let own: [ItemOperation]
        do {
            try await trigger.handler(batch.changes, context)
            own = try await putOut(context.takeOutputs())
        } catch {
            // Whatever it is: what the handler asks of containers says nothing of this reader's partition and lease.
            return await failed(batch, error)
        }
        do throws(DatabaseError) {
            let place = try await commit(batch, own)
            counters.processed.add(UInt64(batch.changes.count))
            return { $0.succeed(batch, keptTo: place) }
        } catch {
            if isEnd(error) { return { $0.abandon(batch) } }
            return await failed(batch, error)
        }
    }

    private func failed(_ batch: ChangeWindow.Batch, _ error: any Error) async -> Outcome {
        counters.failed.add()
        let verdict = state.withLock { state in
            state.calls[batch.key] = nil
            return state.window.fail(batch)
        }
        switch verdict {
        case .retry(let failures):
            let wait = trigger.options.backOff.milliseconds(afterFailures: failures, random: host.clock.random())
            host.clock.schedule(wait) {
                self.host.readers.submit { self.update { $0.window.resume(batch.key) } }
            }
        case .giveUp: await giveUp(batch, "\(error)", failures: 0)
        }
        return { _ in }
    }

    /// Puts a change that cannot be handled among the dead letters, as often as it takes, and goes on behind it.
    private func giveUp(_ batch: ChangeWindow.Batch, _ message: String, failures: Int) async {
        do throws(DatabaseError) {
            guard let change = batch.changes.first else { return }
            try await host.deadLetters.put(
                change, of: trigger.deadLetterOwner, message: message, attempts: batch.attempt)
            counters.deadLettered.add()
            update { $0.succeed(batch, keptTo: nil) }
        } catch {
            // Of their container, and not of this reader: where that is over too, it learns so by itself.
            let wait = trigger.options.backOff.milliseconds(
                afterFailures: failures + 1, random: host.clock.random())
            update { $0.wait(toGiveUp: batch) }
            host.clock.schedule(wait) {
                guard self.state.withLock({ $0.mayGiveUp(batch) }) else { return }
                Task(executorPreference: self.host.handlers) {
                    await self.giveUp(batch, message, failures: failures + 1)
                }
            }
        }
    }

    /// Whether an error of a commit of its progress means that this reader is over; then it ends.
    func isEnd(_ error: DatabaseError) -> Bool {
        switch error {
        case .rangeGone: end(.gone)
        case .checkpointMoved: end(.lost)
        // A partition that was split or removed takes no commits of checkpoints.
        case .unavailable: end(.gone)
        default: return false
        }
        return true
    }
}

extension TriggerReader.State {
    /// A batch is behind us.
    /// - Parameter place: up to where everything is kept to be handled; nil where that is yet to be done.
    mutating func succeed(_ batch: ChangeWindow.Batch, keptTo place: HistoryPlace?) {
        if let place { keep(place) }
        window.succeed(batch)
        if place == nil, let version = batch.changes.last?.version { unkept[batch.key] = version }
        calls[batch.key] = nil
    }

    /// A batch's dead letter cannot be written now. A reader that has ended does not wait for that.
    mutating func wait(toGiveUp batch: ChangeWindow.Batch) {
        if end == nil { givenUp.append(batch) } else { abandon(batch) }
    }

    /// Whether the dead letter of a batch that waited is to be written now.
    mutating func mayGiveUp(_ batch: ChangeWindow.Batch) -> Bool {
        guard let index = givenUp.firstIndex(where: { $0.key == batch.key }) else { return false }
        givenUp.remove(at: index)
        return true
    }

    /// A batch is no more this reader's.
    mutating func abandon(_ batch: ChangeWindow.Batch) {
        window.abandon(batch)
        calls[batch.key] = nil
    }
}
