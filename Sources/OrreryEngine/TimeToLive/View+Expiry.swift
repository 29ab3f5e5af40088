/// How far a partition was searched for items whose time is over.
struct ExpiryPlace: Sendable {
    /// Entries of the index up to this second since 1970 are done.
    var second: UInt64 = 0
    /// Items up to this version are done that end by the container's default.
    var version: UInt64 = 0
}

/// Items that were found over.
struct ExpiredItems: Sendable {
    var keys: [ItemKey] = []
    /// Where the search goes on once these are gone.
    var place: ExpiryPlace
    /// Whether nothing else is over.
    var isComplete = true
    /// When the next item may be over, in milliseconds since 1970; nil where none ends by itself.
    var nextMilliseconds: Int64?

    fileprivate mutating func note(nextMilliseconds: Int64) {
        self.nextMilliseconds = min(nextMilliseconds, self.nextMilliseconds ?? .max)
    }
}

extension View {
    /// Log records that one search looks at under a container's default before it lets others have their turn.
    private static let walkedRecordsMax = 100_000
    /// Entries of the index that stay in the search after their second, for a group of commits may show later than
    /// its time says, and clocks are set back.
    private static let graceSeconds: UInt64 = 60

    /// The items whose time is over, at most about `limit`.
    func expired(
        at moment: ExpiryMoment, after place: ExpiryPlace, limit: Int
    ) throws(EngineError) -> ExpiredItems {
        var found = ExpiredItems(place: place)
        guard moment.policy != .off else { return found }
        try findItemsThatSaySo(at: moment, limit: limit, &found)
        try findItemsPastDefault(at: moment, limit: limit, &found)
        return found
    }

    private func findItemsThatSaySo(
        at moment: ExpiryMoment, limit: Int, _ found: inout ExpiredItems
    ) throws(EngineError) {
        let now = UInt64(max(0, moment.nowMilliseconds)) / 1000
        var due: [UInt64] = []
        /// Takes an entry. Answers whether the next one may be due as well.
        func take(_ entry: ExpiryEntry) -> Bool {
            guard entry.second <= now else {
                found.note(nextMilliseconds: Int64(clamping: entry.second) * 1000)
                return false
            }
            if isLive(entry.version) { due.append(entry.version) }
            return due.count < limit
        }
        let start = ExpiryEntry(second: found.place.second + 1, version: 0)
        for batch in (frozen + [active]).flatMap(\.batches) {
            for entry in batch.expiries[batch.expiries.firstIndex(notBefore: start)...] where !take(entry) { break }
        }
        for flushed in runs where due.count < limit { try flushed.run.walkExpiries(after: start, take) }
        for version in due {
            let key: ItemKey?? = try withRecord(version) { moment.hasEnded($0.header) ? $0.itemKey : nil }
            if let key = key ?? nil { found.keys.append(key) }
        }
        if due.count >= limit {
            found.isComplete = false
        } else if now > Self.graceSeconds {
            found.place.second = max(found.place.second, now - Self.graceSeconds)
        }
    }

    /// Versions rise with time, so the walk ends at the first item that is too young.
    private func findItemsPastDefault(
        at moment: ExpiryMoment, limit: Int, _ found: inout ExpiredItems
    ) throws(EngineError) {
        guard moment.policy != .itemsOwn else { return }
        var walkedCount = 0
        _ = try walk(after: found.place.version) { record in
            guard walkedCount < Self.walkedRecordsMax, found.keys.count < limit else {
                found.isComplete = false
                return false
            }
            walkedCount += 1
            if record.header.timeToLiveSeconds == 0 {
                guard moment.hasEnded(record.header) else {
                    if let end = moment.policy.endMilliseconds(of: record.header) { found.note(nextMilliseconds: end) }
                    return false
                }
                found.keys.append(record.itemKey)
            }
            found.place.version = record.header.version
            return true
        }
    }
}

extension Run {
    private static let walkedEntries = 1024

    /// Gives the entries of the index of expiries after one, in order, until `take` answers false.
    fileprivate func walkExpiries(after start: ExpiryEntry, _ take: (ExpiryEntry) -> Bool) throws(EngineError) {
        var last = start
        while true {
            let entries = try expiryEntries(after: last, limit: Self.walkedEntries)
            for entry in entries where !take(entry) { return }
            guard let next = entries.last, entries.count == Self.walkedEntries else { return }
            last = next
        }
    }
}
