/// Walks the postings of one path in the order of their values, over all of a view's runs and batches.
struct OrderedPostings {
    /// One run or batch, with the key it is at.
    private struct Source {
        enum Place {
            case run(PostingReader)
            case batch(PostingBatch, range: Range<Int>)
        }

        var place: Place
        /// The key at the front; nil when the range is used up.
        var key: [UInt8]?
    }

    private let lower: [UInt8]
    private let upper: [UInt8]
    private let isDescending: Bool
    private var sources: [Source] = []

    /// Nil where a run or batch does not index the path.
    init?(
        _ view: View, _ path: IndexPath, _ values: ClosedRange<IndexValue>, seed: UInt64, isDescending: Bool
    ) throws(EngineError) {
        let hash = IndexPathHash(seed: seed, path: path)
        lower = Posting.key(hash, values.lowerBound)
        upper = Posting.key(hash, values.upperBound)
        self.isDescending = isDescending
        for flushed in view.runs {
            guard flushed.run.selection.covers(path) else { return nil }
            let reader = try flushed.run.postingReader()
            // Behind the upper key stands the first one that it begins, or the next.
            try isDescending ? reader.start(before: upper + [0]) : reader.start(at: lower)
            sources.append(Source(place: .run(reader), key: nil))
        }
        for delta in view.frozen + [view.active] {
            for batch in delta.batches {
                guard batch.selection.covers(path) else { return nil }
                let range = batch.postings.range(hash, values)
                sources.append(Source(place: .batch(batch.postings, range: range), key: nil))
            }
        }
        for index in sources.indices { readKey(index) }
    }

    /// Adds the versions with the next value to `versions`; false at the end.
    mutating func next(into versions: inout [UInt64]) throws(EngineError) -> Bool {
        var front: [UInt8]?
        for source in sources {
            guard let key = source.key else { continue }
            if let found = front, isDescending == found.span.isBehind(key.span) || found == key { continue }
            front = key
        }
        guard let front else { return false }
        for index in sources.indices where sources[index].key == front { try take(index, into: &versions) }
        return true
    }

    /// Adds the versions at the front of one source, and goes to its next key.
    private mutating func take(_ index: Int, into versions: inout [UInt64]) throws(EngineError) {
        switch sources[index].place {
        case .run(let reader):
            while let version = reader.version {
                versions.append(version)
                try reader.nextVersion()
            }
            try isDescending ? reader.previousKey() : reader.nextKey()
            readKey(index)
        case .batch(let postings, var range):
            let key = sources[index].key
            while !range.isEmpty, postings.key(at: isDescending ? range.upperBound - 1 : range.lowerBound) == key {
                let place = isDescending ? range.upperBound - 1 : range.lowerBound
                versions.append(postings.postings[place].version)
                range = isDescending ? range.lowerBound..<place : (place + 1)..<range.upperBound
            }
            sources[index].place = .batch(postings, range: range)
            readKey(index)
        }
    }

    private mutating func readKey(_ index: Int) {
        switch sources[index].place {
        case .run(let reader):
            let key = reader.key
            let isInside = !reader.isAtEnd && !lower.span.isBehind(key.span) && !key.span.isBehind(upper.span)
            sources[index].key = isInside ? key : nil
        case .batch(let postings, let range):
            sources[index].key =
                range.isEmpty ? nil : postings.key(at: isDescending ? range.upperBound - 1 : range.lowerBound)
        }
    }
}

extension PostingBatch {
    /// A posting's key as a run would have it.
    func key(at index: Int) -> [UInt8] {
        let posting = postings[index]
        return Posting.key(posting.path, tag: posting.tag, bytes: valueBytes(posting))
    }
}

extension PartitionSnapshot {
    /// The live versions with the least values of a path (or the greatest), at least so many of them where there are,
    /// and always all that share a value: nothing that was left out comes before anything that is here. Ascending.
    ///
    /// - Returns: the versions, and whether these are all; nil where the index cannot tell.
    public func first(
        _ count: Int, by path: IndexPath, within values: ClosedRange<IndexValue>, isDescending: Bool
    ) throws(EngineError) -> (versions: [UInt64], isComplete: Bool)? {
        guard
            var postings = try OrderedPostings(view, path, values, seed: seed, isDescending: isDescending)
        else { return nil }
        var found: [UInt64] = []
        var group: [UInt64] = []
        while found.count < count {
            group.removeAll(keepingCapacity: true)
            guard try postings.next(into: &group) else { return (found.sorted(), true) }
            for version in group where view.isLive(version) { found.append(version) }
        }
        return (found.sorted(), false)
    }

    /// How many live items satisfy a condition, by the index alone; nil where it cannot tell.
    /// - Parameter condition: one that holds of exactly the items with these places: no cut string, no array or object.
    public func count(_ condition: IndexCondition) throws(EngineError) -> Int? {
        // The index does not know whose time is over.
        guard moment.policy == .off else { return nil }
        var count = 0
        for flushed in view.runs {
            let search = IndexSearch(source: flushed.run, seed: seed, afterVersion: 0)
            guard let versions = try search.exactVersions(condition) else { return nil }
            for version in versions where view.isLive(version) { count += 1 }
        }
        for delta in view.frozen + [view.active] {
            for batch in delta.batches {
                let search = IndexSearch(source: batch, seed: seed, afterVersion: 0)
                guard let versions = try search.exactVersions(condition) else { return nil }
                for version in versions where view.isLive(version) { count += 1 }
            }
        }
        return count
    }
}
