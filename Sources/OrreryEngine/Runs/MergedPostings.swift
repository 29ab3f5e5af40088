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
    /// Whether nothing was given of the key yet.
    private var isNewKey = true

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

    /// Makes `list` the next postings of a key; false at the end.
    mutating func next(_ list: inout PostingList) throws(EngineError) -> Bool {
        list.versions.removeAll(keepingCapacity: true)
        while !front.isEmpty {
            while turn < front.count, list.versions.count < PostingList.versionsMax {
                let input = inputs[front[turn]]
                if try !input.reader.take(into: &list.versions, without: input.superseded) { turn += 1 }
            }
            if !list.versions.isEmpty {
                list.isNewKey = isNewKey
                if isNewKey { list.key.replaceAll(with: key) }
                isNewKey = false
                return true
            }
            for index in front { try inputs[index].reader.nextKey() }
            findFront()
        }
        return false
    }

    private mutating func findFront() {
        front.removeAll(keepingCapacity: true)
        turn = 0
        isNewKey = true
        for index in inputs.indices where !inputs[index].reader.isAtEnd {
            let order = front.isEmpty ? -1 : inputs[index].reader.keyOrder(to: key)
            if order > 0 { continue }
            if order < 0 {
                inputs[index].reader.copyKey(into: &key)
                front.removeAll(keepingCapacity: true)
            }
            front.append(index)
        }
    }
}
