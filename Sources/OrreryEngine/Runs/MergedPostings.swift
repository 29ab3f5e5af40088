/// The live postings of several runs as one ascending stream. Runs follow each other in versions, so what they hold of
/// one key is strung together.
struct MergedPostings {
    private struct Input {
        let reader: PostingReader
        let superseded: VersionSet
        let versions: ClosedRange<UInt64>
    }

    private let inputs: [Input]
    /// The inputs that are not at their ends, by the keys that they are at; those of one key in the order of their
    /// versions.
    private var order: [Int] = []
    /// How many of them are at the least key, and the one whose turn it is.
    private var frontCount = 0
    private var turn = 0
    /// Whether nothing was given of the key yet.
    private var isNewKey = true
    /// The last version of the key that was taken; 0 where none was.
    private var lastVersion: UInt64 = 0

    init(_ runs: [View.FlushedRun]) throws(EngineError) {
        var inputs: [Input] = []
        for flushed in runs {
            let run = flushed.run
            let reader = try run.postingReader()
            try reader.start()
            // A run that ends before it begins is not opened.
            inputs.append(
                Input(reader: reader, superseded: flushed.superseded, versions: run.firstVersion...run.lastVersion))
        }
        self.inputs = inputs
        order = inputs.indices.filter { !inputs[$0].reader.isAtEnd }
        for place in order.indices.reversed() { sift(place) }
        findFront()
    }

    /// Makes `list` the next postings of a key; false at the end.
    mutating func next(_ list: inout PostingList) throws(EngineError) -> Bool {
        list.versions.removeAll(keepingCapacity: true)
        // By a span, beside those that change: what is taken out of an array counts a reference to it.
        let kept = inputs
        let inputs = kept.span
        while frontCount > 0 {
            while turn < frontCount, list.versions.count < PostingList.versionsMax {
                let index = order[turn]
                let count = list.versions.count
                let hasMore = try inputs[index].reader.take(into: &list.versions, without: inputs[index].superseded)
                // Pages that others changed would else go into the next run as what is right, and nobody would miss
                // what they had before.
                let taken = list.versions.span
                for place in count..<taken.count {
                    let version = taken[place]
                    guard version > lastVersion, inputs[index].versions.contains(version) else {
                        throw .damaged("a run's postings name versions that it cannot have")
                    }
                    lastVersion = version
                }
                if !hasMore { turn += 1 }
            }
            if !list.versions.isEmpty {
                list.isNewKey = isNewKey
                if isNewKey { inputs[order[0]].reader.copyKey(into: &list.key) }
                isNewKey = false
                return true
            }
            for place in (0..<frontCount).reversed() {
                let index = order[place]
                try inputs[index].reader.nextKey()
                if inputs[index].reader.isAtEnd { order.remove(at: place) } else { sift(place) }
            }
            findFront()
        }
        return false
    }

    private mutating func findFront() {
        frontCount = min(order.count, 1)
        while frontCount < order.count, keyOrder(order[frontCount], order[0]) == 0 { frontCount += 1 }
        turn = 0
        (isNewKey, lastVersion) = (true, 0)
    }

    /// Moves an input behind those that come before it; what is behind its place is in order.
    private mutating func sift(_ place: Int) {
        let moved = order[place]
        var (low, high) = (place + 1, order.count)
        // Many keys that follow each other are of one run, so the next place is tried first.
        var middle = low
        while low < high {
            if precedes(order[middle], moved) { low = middle + 1 } else { high = middle }
            middle = (low + high) / 2
        }
        for index in place..<(low - 1) { order[index] = order[index + 1] }
        order[low - 1] = moved
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        let order = keyOrder(left, right)
        return order != 0 ? order < 0 : left < right
    }

    private func keyOrder(_ left: Int, _ right: Int) -> Int {
        let inputs = inputs.span
        return inputs[left].reader.keyOrder(to: inputs[right].reader)
    }
}
