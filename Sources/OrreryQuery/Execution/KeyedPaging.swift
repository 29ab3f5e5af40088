/// Follows the rows that were returned in the order of their keys, so that the next page can go on behind the last.
struct KeyedPaging {
    private(set) var emitted = 0
    private(set) var skipped = 0
    private let resume: (key: OrderKey, isCut: Bool, sharedCount: Int)?
    private let keyBytesMax: Int
    private var last: Last?
    /// Rows returned, in this page and before, whose key begins with the cut form of the last one.
    private var sharedCount = 0

    /// The last row that was returned or passed over.
    private enum Last {
        case key(OrderKey)
        /// A row whose key is made where it is looked at.
        case text(TextKey)

        var key: OrderKey {
            switch self {
            case .key(let key): key
            case .text(let text): text.key
            }
        }
    }

    /// - Parameter tokenBytesMax: the longest continuation that the client takes.
    init(resuming start: Continuation?, tokenBytesMax: Int) throws(QueryError) {
        keyBytesMax = Continuation.keyBytesMax(tokenBytesMax: tokenBytesMax)
        guard let start else {
            resume = nil
            return
        }
        guard case .key(let key, let isCut, let count) = start.place else { throw Continuation.invalid }
        resume = (key, isCut, count)
        (emitted, skipped) = (start.emitted, start.skipped)
        if isCut {
            last = .key(key)
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

    /// What the key of a row is made of that is a document as it stands.
    struct TextKey {
        let place: OrderPlace
        let number: UInt64
        let isDescending: Bool

        var key: OrderKey {
            var key = OrderKey()
            key.append(place, isDescending: isDescending)
            key.append(tie: number, isDescending: isDescending)
            key.append(tie: 0)
            return key
        }

        /// The most bytes that the key can have.
        var keyBytesMax: Int {
            if case .string(let utf8) = place { 2 * utf8.count + 19 } else { 25 }
        }
    }

    /// As above. Keys are made where one is looked at, which is seldom more than one of a page.
    func isDone(_ key: TextKey) -> Bool { resume != nil && isDone(key.key) }

    mutating func emit(_ key: TextKey) {
        emitted += 1
        note(key)
    }

    mutating func skip(_ key: TextKey) {
        skipped += 1
        note(key)
    }

    private mutating func note(_ key: TextKey) {
        if key.keyBytesMax > keyBytesMax {
            note(key.key)
        } else {
            last = .text(key)
            sharedCount = 0
        }
    }

    private mutating func note(_ key: OrderKey) {
        guard key.bytes.count > keyBytesMax else {
            last = .key(key)
            sharedCount = 0
            return
        }
        let cut = OrderKey(bytes: Array(key.bytes.prefix(keyBytesMax)))
        // A row whose key was not made was not cut: it shares none.
        sharedCount = if case .key(cut) = last { sharedCount + 1 } else { 1 }
        last = .key(cut)
    }

    var continuation: Continuation {
        let key = last?.key ?? OrderKey()
        return Continuation(
            place: .key(key, isCut: sharedCount > 0, sharedCount: sharedCount), emitted: emitted, skipped: skipped)
    }
}
