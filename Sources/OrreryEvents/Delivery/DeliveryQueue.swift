import OrreryEngine

/// What a subscription has in hand: a window over its topic's events, from the oldest that is not settled to the last
/// that was looked at. Pure: it knows no store and no clock.
///
/// All behind ``position`` is settled or stands among the entries, so position and entries together are all that has
/// to be kept of a subscription, however many events wait behind them in the topic.
struct DeliveryQueue: Sendable {
    /// One event that is not settled.
    struct Entry: Sendable {
        let version: UInt64
        /// When it was published, in milliseconds since 1970.
        let publishedMilliseconds: Int64
        /// How often its delivery was begun.
        var attempts = 0
        /// When it is to be looked at again: a retry, the end of a lock, the end of a release's delay. 0 for at once.
        var dueMilliseconds: Int64 = 0
        /// The lock that a receiver holds; 0 for none.
        var lock: UInt64 = 0
        /// The status of the last attempt; 0 where there was none, or no answer.
        var lastStatus = 0
        /// The word for the last attempt's outcome, where it was made by this process.
        var lastOutcome: String?
        var lastAttemptMilliseconds: Int64 = 0
        /// Whether a delivery is under way, or it is on its way to the dead letters.
        var isRunning = false
        /// The event itself, where there is room for it in memory.
        var event: StoredEvent?
        /// What it must not overtake: its subject, where the subscription keeps their order.
        var lane: String?
    }

    /// The most entries: what bounds a subscription's memory, and the record that is kept of it.
    static let countMax = 1000

    /// The version up to which the topic's events were looked at.
    private(set) var position: UInt64
    private(set) var entries: [UInt64: Entry] = [:]
    private var ready = Fifo<UInt64>()
    private var timed = DueVersions()
    private var lanes: [String: Fifo<UInt64>] = [:]
    /// Whether events of one subject wait for each other.
    let isOrdered: Bool

    /// A queue that begins behind a version.
    init(after position: UInt64, isOrdered: Bool = false) {
        self.position = position
        self.isOrdered = isOrdered
    }

    var count: Int { entries.count }
    /// How many could be delivered now.
    var readyCount: Int { ready.count }
    var isFull: Bool { entries.count >= Self.countMax }
    /// When something is to be looked at again.
    var nextDueMilliseconds: Int64? { timed.first?.dueMilliseconds }

    // MARK: Filling

    /// Says that everything up to a version was looked at.
    mutating func pass(to version: UInt64) {
        position = max(position, version)
    }

    /// Looks at the topic again from a version on.
    mutating func rewind(to version: UInt64) {
        position = version
    }

    /// Takes an event in. One that is there already stays as it is.
    mutating func add(_ event: StoredEvent, keepsEvent: Bool) {
        var entry = Entry(version: event.version, publishedMilliseconds: event.publishedMilliseconds)
        if keepsEvent { entry.event = event }
        entry.lane = isOrdered ? event.event.subject ?? "" : nil
        add(entry)
    }

    /// Takes an entry in, as it was or as it was kept.
    mutating func add(_ entry: Entry) {
        guard entries[entry.version] == nil else { return }
        entries[entry.version] = entry
        if let lane = entry.lane {
            lanes[lane, default: Fifo()].append(entry.version)
            guard lanes[lane]?.first == entry.version else { return }
        }
        line(up: entry)
    }

    private mutating func line(up entry: Entry) {
        if entry.dueMilliseconds > 0 {
            timed.insert(entry.version, dueMilliseconds: entry.dueMilliseconds)
        } else {
            ready.append(entry.version)
        }
    }

    // MARK: Taking

    /// Makes ready what was to be looked at again by now. Answers the entries whose locks ended.
    mutating func wake(nowMilliseconds now: Int64) -> [Entry] {
        var unlocked: [Entry] = []
        while let next = timed.first, next.dueMilliseconds <= now {
            timed.removeFirst()
            guard var entry = entries[next.version], !entry.isRunning, entry.dueMilliseconds == next.dueMilliseconds
            else { continue }
            if entry.lock != 0 { unlocked.append(entry) }
            entry.lock = 0
            entry.dueMilliseconds = 0
            entries[next.version] = entry
            ready.append(next.version)
        }
        return unlocked
    }

    /// Makes ready at once whatever waits for another attempt.
    mutating func hurry() {
        while let next = timed.first {
            timed.removeFirst()
            guard let entry = entries[next.version], !entry.isRunning, entry.lock == 0,
                entry.dueMilliseconds == next.dueMilliseconds
            else { continue }
            entries[next.version]?.dueMilliseconds = 0
            ready.append(next.version)
        }
    }

    /// The next entry that is ready; it is marked as running.
    mutating func take() -> Entry? {
        while let version = ready.next() {
            guard var entry = entries[version], !entry.isRunning, entry.lock == 0, entry.dueMilliseconds == 0 else {
                continue
            }
            entry.isRunning = true
            entries[version] = entry
            return entry
        }
        return nil
    }

    /// Puts back what was taken and not tried.
    mutating func putBack(_ version: UInt64) {
        guard entries[version]?.isRunning == true else { return }
        entries[version]?.isRunning = false
        ready.prepend(version)
    }

    /// Counts an attempt at an entry that was taken.
    mutating func began(_ version: UInt64, nowMilliseconds now: Int64) {
        entries[version]?.attempts += 1
        entries[version]?.lastAttemptMilliseconds = now
    }

    // MARK: Settling

    /// An entry that was taken is to be looked at again at a time; 0 for at once.
    mutating func retry(_ version: UInt64, atMilliseconds due: Int64, status: Int = 0) {
        guard var entry = entries[version] else { return }
        (entry.isRunning, entry.lock, entry.dueMilliseconds, entry.lastStatus) = (false, 0, due, status)
        entries[version] = entry
        line(up: entry)
    }

    /// A receiver holds an entry until a time.
    mutating func lock(_ version: UInt64, _ lock: UInt64, untilMilliseconds due: Int64) {
        guard var entry = entries[version] else { return }
        (entry.isRunning, entry.lock, entry.dueMilliseconds) = (false, lock, due)
        entries[version] = entry
        timed.insert(version, dueMilliseconds: due)
    }

    /// An entry is on its way to the dead letters: nobody else takes it meanwhile.
    mutating func hold(_ version: UInt64) {
        entries[version]?.isRunning = true
        entries[version]?.lock = 0
        entries[version]?.dueMilliseconds = 0
    }

    /// An entry is settled.
    @discardableResult
    mutating func remove(_ version: UInt64) -> Entry? {
        guard let entry = entries.removeValue(forKey: version) else { return nil }
        guard let lane = entry.lane, lanes[lane]?.first == version else { return entry }
        _ = lanes[lane]?.next()
        // Others of the lane may be gone already: dead letters leave from anywhere.
        while let next = lanes[lane]?.first {
            if let following = entries[next] {
                if !following.isRunning { line(up: following) }
                return entry
            }
            _ = lanes[lane]?.next()
        }
        lanes[lane] = nil
        return entry
    }

    /// Lets go of all events' texts, which are read again when they are needed. Answers how many bytes they had.
    mutating func forgetEvents() -> Int {
        var byteCount = 0
        for version in entries.keys {
            byteCount += entries[version]?.event?.byteCount ?? 0
            entries[version]?.event = nil
        }
        return byteCount
    }
}

/// Versions by the time at which they are due, the next one first.
struct DueVersions: Sendable {
    struct Element: Sendable {
        let version: UInt64
        let dueMilliseconds: Int64
    }

    /// The next one due is last.
    private var elements: [Element] = []

    var first: Element? { elements.last }

    mutating func removeFirst() {
        _ = elements.popLast()
    }

    mutating func insert(_ version: UInt64, dueMilliseconds: Int64) {
        var (low, high) = (0, elements.count)
        while low < high {
            let middle = (low + high) / 2
            if elements[middle].dueMilliseconds > dueMilliseconds { low = middle + 1 } else { high = middle }
        }
        elements.insert(Element(version: version, dueMilliseconds: dueMilliseconds), at: low)
    }
}
