internal import OrreryDatabase
internal import OrreryEngine
internal import OrreryTelemetry

/// What becomes of a reader's calls.
extension TriggerReader {
    /// Calls the handler with a batch, and says what became of it.
    func call(_ batch: ChangeWindow.Batch) async {
        if batch.attempt > 1 { counters.retried.add(UInt64(batch.changes.count)) }
        if let first = batch.changes.first, batch.attempt == 1 {
            let delay = max(0, host.clock.nowMilliseconds() - first.timestampMilliseconds)
            counters.delay.record(UInt64(delay) * 1_000_000)
        }
        let context = TriggerContext(triggerName: trigger.name, container: container)
        do {
            try await trigger.handler(batch.changes, context)
            let place = try await commit(batch, context.takeOutputs())
            counters.processed.add(UInt64(batch.changes.count))
            over(batch, place)
        } catch {
            await failed(batch, error)
        }
    }

    /// A batch is behind us.
    /// - Parameter place: up to where everything is kept to be handled; nil where that is yet to be done.
    private func over(_ batch: ChangeWindow.Batch, _ place: HistoryPlace?) {
        update { state in
            if let place { state.keep(place) }
            state.window.succeed(batch)
            if place == nil, let version = batch.changes.last?.version { state.unkept[batch.key] = version }
            state.calls[batch.key] = nil
        }
    }

    private func failed(_ batch: ChangeWindow.Batch, _ error: any Error) async {
        counters.failed.add()
        if let error = error as? DatabaseError, isEnd(error) {
            update { state in
                state.window.abandon(batch)
                state.calls[batch.key] = nil
            }
            return
        }
        var verdict = ChangeWindow.Verdict.giveUp
        update { state in
            state.calls[batch.key] = nil
            verdict = state.window.fail(batch)
        }
        switch verdict {
        case .retry(let failures):
            let wait = trigger.options.backOff.milliseconds(afterFailures: failures, random: host.clock.random())
            host.clock.schedule(wait) {
                self.host.readers.submit { self.update { $0.window.resume(batch.key) } }
            }
        case .giveUp: await giveUp(batch, "\(error)", failures: 0)
        }
    }

    /// Puts a change that cannot be handled among the dead letters, as often as it takes, and goes on behind it.
    private func giveUp(_ batch: ChangeWindow.Batch, _ message: String, failures: Int) async {
        do throws(DatabaseError) {
            guard let change = batch.changes.first else { return }
            try await host.deadLetters.put(change, of: trigger, message: message, attempts: batch.attempt)
            counters.deadLettered.add()
            over(batch, nil)
        } catch {
            if isEnd(error) { return update { $0.window.abandon(batch) } }
            let wait = trigger.options.backOff.milliseconds(
                afterFailures: failures + 1, random: host.clock.random())
            host.clock.schedule(wait) {
                Task(executorPreference: self.host.handlers) {
                    await self.giveUp(batch, message, failures: failures + 1)
                }
            }
        }
    }

    /// Whether an error means that this reader is over; then it ends.
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
