/// Arrays that are kept sorted: the delta is made of them.
extension Array where Element: Comparable {
    /// The place of the first element that is not before `wanted`; the count where there is none.
    func firstIndex(notBefore wanted: Element) -> Int {
        firstIndex(notBefore: wanted, in: 0..<count)
    }

    /// As above, where that is probably near some place: what is far from there is not looked at.
    func firstIndex(notBefore wanted: Element, near guess: Int) -> Int {
        // Of evenly spread elements most are nearer to where they are looked for than the root of their number.
        let step = 1 << ((Int.bitWidth - count.leadingZeroBitCount) / 2)
        var low = Swift.min(guess, count)
        var high = low
        while low > 0, !(self[low - 1] < wanted) {
            high = low - 1
            low = Swift.max(0, low - step)
        }
        while high < count, self[high] < wanted {
            low = high + 1
            high = Swift.min(count, high + step)
        }
        return firstIndex(notBefore: wanted, in: low..<high)
    }

    /// The place of the first element of a part that is not before `wanted`; the part's end where there is none.
    private func firstIndex(notBefore wanted: Element, in part: Range<Int>) -> Int {
        var (low, high) = (part.lowerBound, part.upperBound)
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
