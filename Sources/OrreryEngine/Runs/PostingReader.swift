internal import OrreryLMDB

/// Reads a run's postings one after the other, a page of versions at a time.
///
/// What it is at stands in one value, for each access to a part of an object is checked by itself.
final class PostingReader {
    // One thread reads at a time, and no step calls anything that would take another.
    @exclusivity(unchecked) private var place: Place

    init(_ environment: Environment, _ postings: Database) throws(EngineError) {
        unsafe place = Place(
            cursor: try EngineError.wrapping { () throws(LMDBError) in try environment.cursor(postings) })
    }

    /// The key of the posting at the front.
    var key: [UInt8] { unsafe place.key }

    var isAtEnd: Bool { unsafe place.isAtEnd }

    /// The version of the posting at the front; nil behind the key's last one.
    var version: UInt64? { unsafe place.version }

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

    /// Goes to the key's next version.
    func nextVersion() throws(EngineError) { try unsafe place.nextVersion() }

    /// Goes to the next key's first version.
    func nextKey() throws(EngineError) {
        try unsafe place.load { (cursor) throws(LMDBError) in try cursor.nextKey() }
    }

    /// Adds the versions of the key at the front, which nothing has been read of, and goes to the next key, or the one
    /// before.
    func takeKey(into versions: inout [UInt64], isDescending: Bool) throws(EngineError) {
        try unsafe place.takeKey(into: &versions, isDescending: isDescending)
    }

    /// How many versions the key at the front has.
    var versionCount: Int { unsafe place.versionCount }

    /// The place at the front; nil at the end, or where another path begins.
    func walkedPlace(of path: IndexPathHash) -> WalkedPlace? { unsafe place.walkedPlace(of: path) }

    private struct Place: ~Copyable {
        var cursor: OwnedCursor
        var key: [UInt8] = []
        var versions: [UInt64] = []
        var index = 0
        var versionCount = 0
        var hasMorePages = false
        var isAtEnd = false

        init(cursor: consuming OwnedCursor) {
            self.cursor = cursor
        }

        var version: UInt64? { index < versions.count ? versions[index] : nil }

        mutating func nextVersion() throws(EngineError) {
            index += 1
            if index == versions.count, hasMorePages { try nextPage() }
        }

        mutating func takeKey(into found: inout [UInt64], isDescending: Bool) throws(EngineError) {
            found += versions
            while hasMorePages {
                try nextPage()
                found += versions
            }
            try load { (cursor) throws(LMDBError) in try isDescending ? cursor.previousKey() : cursor.nextKey() }
        }

        func walkedPlace(of path: IndexPathHash) -> WalkedPlace? {
            let span = key.span
            guard !isAtEnd, span.bigEndian(at: 0, as: UInt64.self) == path.value else { return nil }
            return WalkedPlace(key: span)
        }

        mutating func load(_ move: (inout OwnedCursor) throws(LMDBError) -> Bool) throws(EngineError) {
            do throws(LMDBError) {
                versions.removeAll(keepingCapacity: true)
                index = 0
                hasMorePages = false
                isAtEnd = try !move(&cursor)
                if isAtEnd { return }
                key.removeAll(keepingCapacity: true)
                cursor.withKey { key.append(copying: $0) }
                // LMDB has no page for a key with one value.
                versionCount = try cursor.duplicateCount()
                if versionCount > 1 { hasMorePages = try cursor.pageOfDuplicates() }
                appendPage()
            } catch {
                throw EngineError(error)
            }
        }

        private mutating func nextPage() throws(EngineError) {
            do throws(LMDBError) {
                hasMorePages = try cursor.nextPageOfDuplicates()
                versions.removeAll(keepingCapacity: true)
                index = 0
                if hasMorePages { appendPage() }
            } catch {
                throw EngineError(error)
            }
        }

        /// One version, or a page of them.
        private mutating func appendPage() {
            cursor.withValue { page in
                var offset = 0
                while offset + 8 <= page.count {
                    versions.append(page.bigEndian(at: offset, as: UInt64.self))
                    offset += 8
                }
            }
        }
    }
}

extension [UInt8] {
    mutating func append(copying span: Span<UInt8>) {
        // The span's bytes are plain, and the buffer lives as long as the call.
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

/// The live postings of several runs as one ascending stream. Runs follow each other in versions, so what they hold of
/// one key is strung together.
struct MergedPostings {
    private struct Input {
        let reader: PostingReader
        let superseded: VersionSet
    }

    private let inputs: [Input]
    /// The inputs that are at the least key, in the order of their versions, and the one whose turn it is.
    private var front: [Int] = []
    private var turn = 0
    private var key: [UInt8] = []

    init(_ runs: [View.FlushedRun]) throws(EngineError) {
        var inputs: [Input] = []
        for flushed in runs {
            let reader = try flushed.run.postingReader()
            try reader.start()
            inputs.append(Input(reader: reader, superseded: flushed.superseded))
        }
        self.inputs = inputs
        findFront()
    }

    /// Puts the next posting into `posting`; false at the end.
    mutating func next(_ posting: inout Posting) throws(EngineError) -> Bool {
        while true {
            while turn < front.count {
                let input = inputs[front[turn]]
                guard let version = input.reader.version else {
                    turn += 1
                    continue
                }
                try input.reader.nextVersion()
                if input.superseded.contains(version) { continue }
                if posting.key != key { posting.key = key }
                posting.version = version
                return true
            }
            if front.isEmpty { return false }
            for index in front { try inputs[index].reader.nextKey() }
            findFront()
        }
    }

    private mutating func findFront() {
        front.removeAll(keepingCapacity: true)
        turn = 0
        for index in inputs.indices where !inputs[index].reader.isAtEnd {
            let candidate = inputs[index].reader.key
            if front.isEmpty || key.span.isBehind(candidate.span) {
                key = candidate
                front = [index]
            } else if candidate == key {
                front.append(index)
            }
        }
    }
}
