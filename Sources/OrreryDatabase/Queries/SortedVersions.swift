/// Lists of versions, ascending.
extension [UInt64] {
    /// The place of the first element behind a value; the elements are ascending.
    func firstIndex(after value: UInt64) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether a value is among the elements, which are ascending.
    func holds(_ value: UInt64) -> Bool {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < endIndex && self[low] == value
    }
}
