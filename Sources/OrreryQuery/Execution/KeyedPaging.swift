/// Follows the rows that were returned in the order of their keys, so that the next page can go on behind the last.
struct KeyedPaging {
    private(set) var emitted = 0
    private(set) var skipped = 0
    private let resume: (key: OrderKey, isCut: Bool, sharedCount: Int)?
    private let keyBytesMax: Int
    private var last: OrderKey?
    /// Rows returned, in this page and before, whose key begins with the cut form of the last one.
    private var sharedCount = 0

    init(resuming start: Continuation?, options: QueryPageOptions) throws(QueryError) {
        keyBytesMax = Continuation.keyBytesMax(tokenBytesMax: options.continuationBytesMax)
        guard let start else {
            resume = nil
            return
        }
        guard case .key(let key, let isCut, let count) = start.place else { throw Continuation.invalid }
        resume = (key, isCut, count)
        (emitted, skipped) = (start.emitted, start.skipped)
        if isCut {
            last = key
            sharedCount = count
        }
    }

    /// Rows returned or passed over so far, in this page and before.
    var passedCount: Int { emitted + skipped }

    /// Whether a row with this key was certainly returned before.
    func isDone(_ key: OrderKey) -> Bool {
        guard let resume else { return false }
        if resume.isCut { return key < resume.key && !key.bytes.starts(with: resume.key.bytes) }
        return key <= resume.key
    }

    /// How many of the rows that are not certainly done were returned: those that share a key cut short.
    var sharedDoneCount: Int { resume.map { $0.isCut ? $0.sharedCount : 0 } ?? 0 }

    /// How many of these sorted keys belong to rows returned before.
    func resumeIndex(_ keys: [OrderKey]) -> Int {
        let done = keys.prefix { isDone($0) }.count
        return done + sharedDoneCount
    }

    mutating func emit(_ key: OrderKey) {
        emitted += 1
        note(key)
    }

    mutating func skip(_ key: OrderKey) {
        skipped += 1
        note(key)
    }

    private mutating func note(_ key: OrderKey) {
        guard key.bytes.count > keyBytesMax else {
            last = key
            sharedCount = 0
            return
        }
        let cut = OrderKey(bytes: Array(key.bytes.prefix(keyBytesMax)))
        sharedCount = cut == last ? sharedCount + 1 : 1
        last = cut
    }

    var continuation: Continuation {
        Continuation(
            place: .key(last ?? OrderKey(), isCut: sharedCount > 0, sharedCount: sharedCount), emitted: emitted,
            skipped: skipped)
    }
}
