/// Arrays that are kept sorted: the delta is made of them.
extension Array where Element: Comparable {
    /// The place of the first element that is not before `wanted`; the count where there is none.
    func firstIndex(notBefore wanted: Element) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func binaryContains(_ wanted: Element) -> Bool {
        let index = firstIndex(notBefore: wanted)
        return index < count && self[index] == wanted
    }

    /// Both, sorted; of equal elements this array's come first.
    func merged(with other: [Element]) -> [Element] {
        guard let last, let first = other.first else { return isEmpty ? other : self }
        if last <= first { return self + other }
        var result: [Element] = []
        result.reserveCapacity(count + other.count)
        var left = 0
        var right = 0
        while left < count, right < other.count {
            if other[right] < self[left] {
                result.append(other[right])
                right += 1
            } else {
                result.append(self[left])
                left += 1
            }
        }
        result.append(contentsOf: self[left...])
        result.append(contentsOf: other[right...])
        return result
    }
}
