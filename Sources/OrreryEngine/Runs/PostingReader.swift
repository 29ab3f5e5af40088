internal import OrreryLMDB

/// Reads a run's postings one after the other, a page of versions at a time.
///
/// What it is at stands in one value, for each access to a part of an object is checked by itself.
///
/// `@unchecked`: whoever reads has it alone, and hands it on through a lock (``Run/giveBack(_:)``).
final class PostingReader: @unchecked Sendable {
    // One thread reads at a time, and no step calls anything that would take another.
    @exclusivity(unchecked) private var place: Place

    init(_ environment: Environment, _ postings: Database) throws(EngineError) {
        unsafe place = Place(
            cursor: try EngineError.wrapping { () throws(LMDBError) in try environment.cursor(postings) })
    }

    /// The key of the posting at the front.
    var key: [UInt8] {
        var key: [UInt8] = []
        copyKey(into: &key)
        return key
    }

    /// Makes `key` that of the posting at the front.
    func copyKey(into key: inout [UInt8]) { unsafe place.copyKey(into: &key) }

    /// How the key at the front sorts beside another reader's: below zero before it, above it behind it.
    func keyOrder(to other: PostingReader) -> Int { unsafe place.keyOrder(to: other.place) }

    var isAtEnd: Bool { unsafe place.isAtEnd }

    /// Whether a step has failed: LMDB refuses all others of the same transaction then.
    var hasFailed: Bool { unsafe place.hasFailed }

    /// Goes to the first posting of all.
    func start() throws(EngineError) {
        try unsafe place.load { (cursor) throws(LMDBError) in try cursor.first() }
    }

    /// Goes to the first posting whose key is this or sorts after it.
    func start(at key: [UInt8]) throws(EngineError) {
        try unsafe place.load { (cursor) throws(LMDBError) in try cursor.seek(key.span) }
    }

    /// Goes to the last key that sorts before this one.
    func start(before key: [UInt8]) throws(EngineError) {
        try unsafe place.load { (cursor) throws(LMDBError) in
            guard try cursor.seek(key.span) else { return try cursor.lastKey() }
            return try cursor.previousKey()
        }
    }

    /// Adds some more versions of the key at the front, without superseded ones, and goes behind them. Answers whether
    /// there are more.
    func take(into versions: inout [UInt64], without superseded: VersionSet) throws(EngineError) -> Bool {
        try unsafe place.take(into: &versions, without: superseded)
    }

    /// Goes to the next key's first version.
    func nextKey() throws(EngineError) {
        try unsafe place.load { (cursor) throws(LMDBError) in try cursor.nextKey() }
    }

    /// Gives the versions of the key at the front, which nothing has been read of, and goes to the next key, or the one
    /// before.
    func takeKey(isDescending: Bool, _ body: (UInt64) -> Void) throws(EngineError) {
        try unsafe place.takeKey(isDescending: isDescending, body)
    }

    /// About how many versions the key at the front has; nothing has been read of it.
    var versionCount: Int { unsafe place.versionCount }

    /// The place at the front; nil at the end, or where another path begins.
    func walkedPlace(of path: IndexPathHash) -> WalkedPlace? { unsafe place.walkedPlace(of: path) }

    private struct Place: ~Copyable {
        private var cursor: OwnedCursor
        /// The key's chunks from the one at the cursor on.
        private var chunkCount = 0
        private(set) var isAtEnd = false
        private(set) var hasFailed = false

        init(cursor: consuming OwnedCursor) {
            self.cursor = cursor
        }

        // All chunks but the last are full.
        var versionCount: Int {
            let chunkVersionCount = VersionChunk.count(stored: cursor.value)
            return chunkVersionCount * max(chunkCount - 1, 0) + (chunkCount == 1 ? chunkVersionCount : 1)
        }

        func copyKey(into key: inout [UInt8]) { key.replaceAll(with: cursor.key) }

        func keyOrder(to other: borrowing Place) -> Int { cursor.key.order(to: other.cursor.key) }

        mutating func take(into found: inout [UInt64], without superseded: VersionSet) throws(EngineError) -> Bool {
            guard chunkCount > 0 else { return false }
            if superseded.isEmpty {
                VersionChunk.read(cursor.value, into: &found)
            } else {
                VersionChunk.forEach(cursor.value) { if !superseded.contains($0) { found.append($0) } }
            }
            try nextChunk()
            return chunkCount > 0
        }

        mutating func takeKey(isDescending: Bool, _ body: (UInt64) -> Void) throws(EngineError) {
            while chunkCount > 0 {
                VersionChunk.forEach(cursor.value, body)
                try nextChunk()
            }
            try load { (cursor) throws(LMDBError) in try isDescending ? cursor.previousKey() : cursor.nextKey() }
        }

        func walkedPlace(of path: IndexPathHash) -> WalkedPlace? {
            if isAtEnd { return nil }
            let key = cursor.key
            // A shorter one is of no path: its page was changed by others.
            guard key.count >= PostingKey.valueStart, key.bigEndian(at: 0, as: UInt64.self) == path.value else {
                return nil
            }
            return WalkedPlace(key: key)
        }

        mutating func load(_ move: (inout OwnedCursor) throws(LMDBError) -> Bool) throws(EngineError) {
            do throws(LMDBError) {
                chunkCount = 0
                isAtEnd = try !move(&cursor)
                // More than there can be, in pages that others changed, and few enough to be multiplied.
                if !isAtEnd { chunkCount = Int(UInt32(clamping: try cursor.duplicateCount())) }
            } catch {
                hasFailed = true
                throw EngineError(error)
            }
        }

        private mutating func nextChunk() throws(EngineError) {
            chunkCount -= 1
            if chunkCount == 0 { return }
            do throws(LMDBError) {
                if try !cursor.nextDuplicate() { chunkCount = 0 }
            } catch {
                hasFailed = true
                throw EngineError(error)
            }
        }
    }
}

extension [UInt8] {
    /// Makes it a copy of others, in the room it has.
    mutating func replaceAll(with others: Span<UInt8>) {
        guard count == others.count else {
            removeAll(keepingCapacity: true)
            return append(copying: others)
        }
        // Both are as long, and plain bytes.
        unsafe withUnsafeMutableBufferPointer { bytes in
            unsafe others.withUnsafeBufferPointer { _ = unsafe bytes.update(from: $0) }
        }
    }

    mutating func append(copying span: Span<UInt8>) {
        // The span's bytes are plain, and the buffer lives as long as the call.
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
