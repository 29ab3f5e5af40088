internal import OrreryLMDB

/// Reads a run's postings one after the other, a page of versions at a time.
final class PostingReader {
    private var cursor: OwnedCursor
    /// The key of the posting at the front.
    private(set) var key: [UInt8] = []
    private var versions: [UInt64] = []
    private var index = 0
    private var hasMorePages = false
    private(set) var isAtEnd = false

    init(_ environment: Environment, _ postings: Database) throws(EngineError) {
        cursor = try EngineError.wrapping { () throws(LMDBError) in try environment.cursor(postings) }
    }

    /// Goes to the first posting of all.
    func start() throws(EngineError) {
        try load { (cursor) throws(LMDBError) in try cursor.first() }
    }

    /// Goes to the first posting whose key is this or sorts after it.
    func start(at key: [UInt8]) throws(EngineError) {
        try load { (cursor) throws(LMDBError) in try cursor.seek(key.span) }
    }

    /// Goes to the last key that sorts before this one.
    func start(before key: [UInt8]) throws(EngineError) {
        try load { (cursor) throws(LMDBError) in
            guard try cursor.seek(key.span) else { return try cursor.lastKey() }
            return try cursor.previousKey()
        }
    }

    /// The version of the posting at the front; nil behind the key's last one.
    var version: UInt64? { index < versions.count ? versions[index] : nil }

    /// Goes to the key's next version.
    func nextVersion() throws(EngineError) {
        index += 1
        guard index == versions.count, hasMorePages else { return }
        try EngineError.wrapping { () throws(LMDBError) in
            hasMorePages = try cursor.nextPageOfDuplicates()
            versions.removeAll(keepingCapacity: true)
            index = 0
            if hasMorePages { appendPage() }
        }
    }

    /// Goes to the next key's first version.
    func nextKey() throws(EngineError) {
        try load { (cursor) throws(LMDBError) in try cursor.nextKey() }
    }

    /// Goes to the first version of the key before this one.
    func previousKey() throws(EngineError) {
        try load { (cursor) throws(LMDBError) in try cursor.previousKey() }
    }

    /// How many versions the key at the front has.
    func versionCount() throws(EngineError) -> Int {
        try EngineError.wrapping { () throws(LMDBError) in try cursor.duplicateCount() }
    }

    private func load(_ move: (inout OwnedCursor) throws(LMDBError) -> Bool) throws(EngineError) {
        try EngineError.wrapping { () throws(LMDBError) in
            versions.removeAll(keepingCapacity: true)
            index = 0
            hasMorePages = false
            guard try move(&cursor) else {
                isAtEnd = true
                return
            }
            isAtEnd = false
            key.removeAll(keepingCapacity: true)
            cursor.withKey { key.append(copying: $0) }
            // LMDB has no page for a key with one value.
            if try cursor.duplicateCount() > 1 { hasMorePages = try cursor.pageOfDuplicates() }
            appendPage()
        }
    }

    /// One version, or a page of them.
    private func appendPage() {
        cursor.withValue { page in
            for offset in stride(from: 0, to: page.count, by: 8) {
                versions.append(page.bigEndian(at: offset, as: UInt64.self))
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
