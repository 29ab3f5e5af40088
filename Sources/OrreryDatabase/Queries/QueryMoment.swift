internal import OrreryEngine
internal import OrreryQuery

/// The moment as of which a query sees items end: that of its first page. Continuations carry it on, so that pages
/// agree on what is there however long a client takes over them; what was removed meanwhile is gone all the same.
///
/// On the wire it stands before the rest of a continuation, `<milliseconds since 1970>@`, and the rest is signed
/// together with it.
struct QueryMoment {
    /// Milliseconds since 1970.
    let milliseconds: Int64

    /// A query whose client takes longer goes on with a later moment: items that ended are not shown for ever.
    static let ageMillisecondsMax: Int64 = 3_600_000

    private static let mark = UInt8(ascii: "@")

    /// Takes the moment off a query's continuation, where it has one, and binds the rest to it. A query that begins
    /// gets one where items may end at all; one that began without goes on without.
    /// - Throws: `.badQuery` for a moment that no continuation of this server's has.
    static func take(
        from options: inout QueryPageOptions, itemsEnd: Bool, nowMilliseconds: Int64
    ) throws(DatabaseError) -> QueryMoment? {
        var moment: QueryMoment?
        if let text = options.continuation {
            guard let end = text.utf8.firstIndex(of: mark) else { return nil }
            guard let milliseconds = Int64(text[..<end]), milliseconds <= nowMilliseconds else {
                throw .badQuery(.badContinuation)
            }
            options.continuation = String(text[text.utf8.index(after: end)...])
            moment = QueryMoment(milliseconds: milliseconds)
        } else if itemsEnd {
            moment = QueryMoment(milliseconds: nowMilliseconds)
        }
        guard let moment else { return nil }
        options.scope += Array(moment.text.utf8)
        options.continuationBytesMax -= moment.text.utf8.count
        return moment
    }

    /// When the pages see items end.
    func milliseconds(nowMilliseconds: Int64) -> Int64 {
        max(milliseconds, nowMilliseconds - Self.ageMillisecondsMax)
    }

    /// What stands before the rest of a continuation.
    var text: String { "\(milliseconds)@" }
}
