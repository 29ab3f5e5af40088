internal import OrreryDatabase
internal import OrreryEngine
internal import OrreryTelemetry
internal import Synchronization

/// How a reader reads: page after page while its window has room, then on each commit.
extension TriggerReader {
    /// Pages that are read before others have their turn.
    private static let pagesPerTurn = 16

    /// Reads as long as there is room and something to read. On a thread for reading, and by one at a time.
    func read() {
        for _ in 0..<Self.pagesPerTurn where !readPage() { return }
        host.readers.submit { self.read() }
    }

    /// Answers whether there is more to read.
    private func readPage() -> Bool {
        let (lsn, gapVersionMax) = state.withLock { ($0.window.readPlace.lsn, $0.progress.gapVersionMax) }
        do throws(DatabaseError) {
            let page = try container.history(
                of: range, in: .container, after: lsn, sinceSeconds: nil, itemCountMax: nil,
                gapVersionMax: gapVersionMax)
            let changes = wanted(page.changes).map { (change: delivery(of: $0), key: ChangeFilter.key(of: $0)) }
            var number = 0
            let mustRead = change { state in
                for (change, key) in changes { add(change, key, to: &state) }
                state.progress.loss.add(page)
                state.window.read(to: HistoryPlace(lsn: page.lsn, version: page.changes.last?.item.version ?? 0))
                state.isReading = false
                state.isAtEnd = page.changes.isEmpty
                state.waitCount += 1
                number = state.waitCount
            }
            if page.changes.isEmpty { try wait(after: max(lsn, page.lsn), number) }
            return mustRead
        } catch {
            state.withLock { $0.isReading = false }
            switch error {
            case .rangeGone: end(.gone)
            case .historyGone: end(.trimmed)
            default: end(.lost)
            }
            return false
        }
    }

    /// Those that the handler is given, with those of which its predicate does not say whether it is.
    private func wanted(_ changes: [ItemChange]) -> [ItemChange] {
        var undecidedCount: UInt64 = 0
        var reason = ""
        let wanted = changes.filter { change in
            filter.passes(change) {
                undecidedCount += 1
                reason = $0
            }
        }
        if undecidedCount > 0 {
            counters.undecided.add(undecidedCount)
            // Once for all changes that were read together: there may be many.
            host.log.warning("trigger-predicate-undecided", [
                ("trigger", .text(trigger.name)), ("count", .text("\(undecidedCount)")), ("reason", .text(reason)),
                ("consequence", "the changes are handed over"),
            ])
        }
        return wanted
    }

    private func add(_ change: TriggerChange, _ key: String, to state: inout State) {
        if let handled = state.progress.keys[key], change.version <= handled { return }
        if let place = state.progress.place, change.version <= place.version { return }
        state.window.add(change, key: key)
    }

    private func wait(after lsn: UInt64, _ number: Int) throws(DatabaseError) {
        let wait = try container.wait(for: range, after: lsn) { wake in
            switch wake {
            // On a committer's thread: all else is others' business.
            case .committed: self.host.readers.submit { self.goOn() }
            case .gone: self.end(.gone)
            }
        }
        state.withLock { $0.keep(wait, number) }
    }

    private func goOn() {
        let mustRead = change { state in
            state.isAtEnd = false
            state.wait = nil
        }
        // Here rather than by another thread, which would first have to be woken: somebody waits for each change.
        if mustRead { read() }
    }
}

extension TriggerReader.State {
    /// Keeps a wait, unless it was over before it could be kept, or the reader is.
    mutating func keep(_ wait: CommitWait, _ number: Int) {
        if isAtEnd, waitCount == number, end == nil { self.wait = wait }
    }
}
