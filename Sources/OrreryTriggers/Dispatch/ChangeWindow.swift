import OrreryEngine

/// The changes of one partition that were read and are not handled yet: which may be handed over next, and how far all
/// are. It decides, and does nothing itself.
///
/// Each partition key has a lane in which its changes go one batch after the other. A batch that failed is halved until
/// what fails stands alone; when it did so often enough it is given up.
struct ChangeWindow {
    /// Changes of one partition key, handed over together.
    struct Batch {
        let key: String
        var changes: [TriggerChange]
        /// How often the first of them was delivered since it was read, this time included.
        let attempt: Int
    }

    /// What becomes of a batch that failed.
    enum Verdict: Equatable {
        /// It comes again, whole or in part, after so many failures.
        case retry(failures: Int)
        /// It is a single change that failed too often.
        case giveUp
    }

    private struct Entry {
        let number: Int
        let change: TriggerChange
    }

    private struct Lane {
        var entries: [Entry] = []
        var runningCount = 0
        var isWaiting = false
        /// How many failures the first change has behind it, and how many of them by itself.
        var failures = 0
        var failuresAlone = 0
        /// The most changes of the next batch.
        var countMax: Int

        var isReady: Bool { runningCount == 0 && !isWaiting && !entries.isEmpty }
    }

    private var lanes: [String: Lane] = [:]
    /// Keys that may be handed over, in their turn.
    private var ready: [String] = []
    private var readyOffset = 0
    /// The places of all changes since the first one that is not handled, in their order.
    private var pending: [(place: HistoryPlace, isHandled: Bool)] = []
    /// The number of the first of `pending`.
    private var firstNumber = 0
    private var headOffset = 0
    /// How far the log was read.
    private(set) var readPlace: HistoryPlace
    private(set) var runningCount = 0
    let batchCountMax: Int
    let attemptsMax: Int

    init(after place: HistoryPlace, batchCountMax: Int, attemptsMax: Int) {
        readPlace = place
        self.batchCountMax = max(1, batchCountMax)
        self.attemptsMax = max(1, attemptsMax)
    }

    /// How many changes are read and not handled.
    private(set) var count = 0

    /// The first change that is not handled.
    var oldest: TriggerChange? {
        lanes.values.compactMap { $0.entries.first?.change }.min { $0.version < $1.version }
    }

    mutating func add(_ change: TriggerChange, key: String) {
        let number = firstNumber + pending.count
        let place = HistoryPlace(lsn: change.lsn, version: change.version)
        pending.append((place: place, isHandled: false))
        count += 1
        var lane = lanes[key] ?? Lane(countMax: batchCountMax)
        let wasReady = lane.isReady
        lane.entries.append(Entry(number: number, change: change))
        if !wasReady && lane.isReady { ready.append(key) }
        lanes[key] = lane
    }

    /// Says how far the log was read.
    mutating func read(to place: HistoryPlace) {
        readPlace.lsn = max(readPlace.lsn, place.lsn)
        readPlace.version = max(readPlace.version, place.version)
    }

    /// Whether there is a next batch.
    var isReady: Bool {
        // Keys that were handed over since they became ready may be among these, and end the search.
        ready[readyOffset...].contains { lanes[$0]?.isReady == true }
    }

    /// The next batch; nil while every key that has changes has some on their way or waits for its next attempt.
    mutating func next() -> Batch? {
        while readyOffset < ready.count {
            let key = ready[readyOffset]
            readyOffset += 1
            dropPassed()
            guard var lane = lanes[key], lane.isReady else { continue }
            let entries = lane.entries.prefix(lane.countMax)
            lane.runningCount = entries.count
            lanes[key] = lane
            runningCount += 1
            let attempt = lane.failures + 1
            return Batch(
                key: key,
                changes: entries.map { entry in
                    var change = entry.change
                    change.deliveryCount += lane.failures
                    return change
                }, attempt: attempt)
        }
        return nil
    }

    /// Lets go of the keys that had their turn; under an endless backlog there are always some behind them.
    private mutating func dropPassed() {
        guard readyOffset == ready.count || readyOffset > 1024 && readyOffset * 2 > ready.count else { return }
        ready.removeFirst(readyOffset)
        readyOffset = 0
    }

    /// How many keys are in line, with those that had their turn and are still in memory.
    var lineCount: Int { ready.count }

    /// How far everything would be if this batch were handled, by what is known to be.
    func place(after batch: Batch) -> HistoryPlace {
        // The batch's numbers rise, as the places do.
        var own = (lanes[batch.key]?.entries.prefix(batch.changes.count) ?? []).map { $0.number - firstNumber }[...]
        for index in headOffset..<pending.count where !pending[index].isHandled {
            guard own.first == index else { return before(pending[index].place) }
            own = own.dropFirst()
        }
        return readPlace
    }

    /// How far everything is.
    var place: HistoryPlace {
        headOffset < pending.count ? before(pending[headOffset].place) : readPlace
    }

    private func before(_ place: HistoryPlace) -> HistoryPlace {
        HistoryPlace(lsn: place.lsn - min(1, place.lsn), version: place.version - min(1, place.version))
    }

    /// A batch was handled, or given up.
    mutating func succeed(_ batch: Batch) {
        runningCount -= 1
        guard var lane = lanes[batch.key] else { return }
        for entry in lane.entries.prefix(batch.changes.count) { pending[entry.number - firstNumber].isHandled = true }
        count -= batch.changes.count
        lane.entries.removeFirst(min(batch.changes.count, lane.entries.count))
        lane.runningCount = 0
        (lane.failures, lane.failuresAlone) = (0, 0)
        // What stood beside a poison item goes on in growing batches.
        lane.countMax = min(batchCountMax, lane.countMax * 2)
        lanes[batch.key] = lane.entries.isEmpty ? nil : lane
        if lane.isReady { ready.append(batch.key) }
        dropHandled()
    }

    private mutating func dropHandled() {
        while headOffset < pending.count, pending[headOffset].isHandled { headOffset += 1 }
        if headOffset > 1024, headOffset * 2 > pending.count {
            pending.removeFirst(headOffset)
            firstNumber += headOffset
            headOffset = 0
        }
    }

    /// A batch failed. It waits until ``resume(_:)``; one that is to be given up, until it is told to have succeeded.
    mutating func fail(_ batch: Batch) -> Verdict {
        guard var lane = lanes[batch.key] else { return .retry(failures: 1) }
        lane.failures += 1
        if batch.changes.count == 1 { lane.failuresAlone += 1 }
        if lane.failuresAlone >= attemptsMax {
            lanes[batch.key] = lane
            return .giveUp
        }
        runningCount -= 1
        lane.runningCount = 0
        lane.isWaiting = true
        if batch.changes.count > 1 {
            lane.countMax = max(1, batch.changes.count / 2)
        }
        lanes[batch.key] = lane
        return .retry(failures: lane.failures)
    }

    /// A batch is on its way no more, and nothing of its key will be handed over.
    mutating func abandon(_ batch: Batch) {
        runningCount -= 1
        lanes[batch.key]?.runningCount = 0
        lanes[batch.key]?.isWaiting = true
    }

    /// The wait of a key whose batch failed is over.
    mutating func resume(_ key: String) {
        guard var lane = lanes[key], lane.isWaiting else { return }
        lane.isWaiting = false
        lanes[key] = lane
        if lane.isReady { ready.append(key) }
    }
}
