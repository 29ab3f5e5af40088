/// Where the postings of each path stand in batches that follow each other, so that they can be taken together.
struct PostingPlaces {
    private struct Place {
        let batch: UInt32
        let posting: UInt32
    }

    private let batches: [PostingBatch]
    /// The paths' hashes, in the order in which they were met.
    private(set) var paths: [UInt64] = []
    /// Of each path, in the order of their versions.
    private var places: [[Place]] = []
    private var numbers: [UInt64: Int] = [:]
    /// The path that came after each one last.
    private var successors: [Int] = []

    /// Looks at all postings but those of some versions.
    init(_ batches: [PostingBatch], without dropped: VersionSet = VersionSet()) {
        self.batches = batches
        var path = 0
        let batches = batches.span
        for batch in batches.indices {
            let postings = batches[batch].postings.span
            for posting in postings.indices where !dropped.contains(postings[posting].version) {
                path = number(of: postings[posting].path, after: path)
                places[path].append(
                    Place(batch: UInt32(truncatingIfNeeded: batch), posting: UInt32(truncatingIfNeeded: posting)))
            }
        }
    }

    /// Documents of a kind have their paths in the same order, so the one that came after the last is tried first.
    private mutating func number(of path: UInt64, after previous: Int) -> Int {
        if previous < successors.count, paths[successors[previous]] == path { return successors[previous] }
        let number = numbers[path] ?? add(path)
        successors[previous] = number
        return number
    }

    private mutating func add(_ path: UInt64) -> Int {
        numbers[path] = paths.count
        paths.append(path)
        places.append([])
        // Any path will do until one has come.
        successors.append(0)
        return paths.count - 1
    }

    /// How many postings each path has.
    var counts: [UInt64: Int] {
        Dictionary(uniqueKeysWithValues: paths.indices.lazy.map { (paths[$0], places[$0].count) })
    }

    /// The postings of the path of a number, in the order of their versions.
    func postings(ofPath number: Int) -> PostingBatch {
        let kept = places[number]
        var taken = PostingBatch(capacity: kept.count)
        // By spans: what is taken out of an array counts a reference to it.
        let places = kept.span
        let batches = batches.span
        var next = 0
        while next < places.count {
            let batch = places[next].batch
            let postings = batches[Int(batch)].postings.span
            let tails = batches[Int(batch)].tails.span
            repeat {
                taken.append(postings[Int(places[next].posting)], of: tails)
                next += 1
            } while next < places.count && places[next].batch == batch
        }
        return taken
    }
}
