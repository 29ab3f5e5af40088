import OrreryDatabase
import OrreryDocuments

/// What a filter would have matched of a topic's events, and why not the others.
struct DryRun: Sendable {
    private var matched: [JSONValue] = []
    private var others: [JSONValue] = []
    private var isWhole = true

    /// The most events that are read at once.
    private static let pageCountMax = 500

    /// Looks at events in their order.
    /// - Parameters:
    ///   - filter: nil matches all.
    ///   - milliseconds: only events published then or later.
    ///   - countMax: how many events are looked at.
    init(
        _ filter: Filter?, over log: TopicLog, sinceMilliseconds milliseconds: Int64, countMax: Int
    ) throws(DatabaseError) {
        var position = milliseconds > 0 ? try log.lastVersion(beforeMilliseconds: milliseconds) : 0
        while true {
            let room = countMax - matched.count - others.count
            let page = try log.read(after: position, countMax: min(room, Self.pageCountMax))
            for event in page.events { add(event, filter) }
            if page.isAtEnd { return }
            if matched.count + others.count >= countMax {
                isWhole = false
                return
            }
            position = page.position
        }
    }

    private mutating func add(_ stored: StoredEvent, _ filter: Filter?) {
        let event = stored.event
        var shown: JSONValue = [
            "id": .string(event.id), "type": .string(event.type),
            "publishTime": .string(EventTime(microseconds: stored.publishedMilliseconds * 1000).text),
        ]
        if let subject = event.subject { shown["subject"] = .string(subject) }
        var candidate = EventCandidate(event)
        var undecided: String?
        guard let mismatch = filter?.mismatch(&candidate, undecided: { undecided = $0 }) else {
            if let undecided { shown["undecided"] = .string(undecided) }
            matched.append(shown)
            return
        }
        shown["part"] = .string(mismatch.part)
        shown["reason"] = .string(mismatch.reason)
        others.append(shown)
    }

    var json: JSONValue {
        [
            "matched": .array(matched), "notMatched": .array(others), "matchedCount": .number(matched.count),
            "notMatchedCount": .number(others.count), "isWhole": .boolean(isWhole),
        ]
    }
}
