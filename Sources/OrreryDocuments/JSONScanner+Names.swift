extension JSONScanner {
    /// Marks the names of a closed object that a later, equal name hides, and says how many there are.
    ///
    /// Done here, once, so that every reader may take the first match it finds and trust the count. Names rarely
    /// repeat, so a small filter of their fingerprints settles nearly all of them; those it cannot settle are compared
    /// with the names before. Large objects, and names with escapes, go by a dictionary, whose hashing nobody outside
    /// can steer into collisions.
    mutating func hideRepeatedNames(object: Int, members: Int) -> Int {
        guard members <= 64 else { return hideRepeatedNamesByDictionary(object: object) }
        var filter: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var hidden = 0
        var index = object + 2
        while index < count {
            let name = unsafe JSONTapeEntry(word: words[index])
            if name.code == .escapedString { return hidden + hideRepeatedNamesByDictionary(object: object) }
            let mark = fingerprint(name)
            let bit = UInt64(1) << (mark & 63)
            let isKnown: Bool
            switch mark >> 6 & 3 {
            case 0: (isKnown, filter.0) = (filter.0 & bit != 0, filter.0 | bit)
            case 1: (isKnown, filter.1) = (filter.1 & bit != 0, filter.1 | bit)
            case 2: (isKnown, filter.2) = (filter.2 & bit != 0, filter.2 | bit)
            default: (isKnown, filter.3) = (filter.3 & bit != 0, filter.3 | bit)
            }
            if isKnown { hidden += hideName(equalTo: name, from: object + 2, to: index) }
            index = wordAfterValue(index + 1)
        }
        return hidden
    }

    /// A hash of a name's first and last eight bytes; equal names have equal fingerprints.
    @inline(__always)
    private func fingerprint(_ name: JSONTapeEntry) -> UInt64 {
        let length = name.length
        var hash: UInt64 = 0
        if length > 8 {
            let first = unsafe UnsafeRawPointer(text + name.offset).loadUnaligned(as: UInt64.self)
            let last = unsafe UnsafeRawPointer(text + (name.offset &+ length &- 8)).loadUnaligned(as: UInt64.self)
            hash = first ^ (last &* 0xC2B2_AE3D_27D4_EB4F)
        } else if name.offset &+ 8 <= end {
            let eight = unsafe UnsafeRawPointer(text + name.offset).loadUnaligned(as: UInt64.self).littleEndian
            hash = eight & ~(~0 << (UInt64(truncatingIfNeeded: length) << 3))
        } else {
            for byte in 0..<length { hash |= unsafe UInt64(text[name.offset + byte]) << UInt64(byte * 8) }
        }
        return (hash &* 0x9E37_79B9_7F4A_7C15) >> 56
    }

    /// Hides a visible plain name equal to `name` among those from one tape index to another; 1 if there was one.
    private func hideName(equalTo name: JSONTapeEntry, from first: Int, to last: Int) -> Int {
        var index = first
        while index < last {
            let other = unsafe JSONTapeEntry(word: words[index])
            if other.code == .string, other.length == name.length, isEqual(name, other) {
                hide(index)
                return 1
            }
            index = wordAfterValue(index + 1)
        }
        return 0
    }

    private func isEqual(_ name: JSONTapeEntry, _ other: JSONTapeEntry) -> Bool {
        for byte in 0..<name.length where unsafe text[name.offset + byte] != text[other.offset + byte] { return false }
        return true
    }

    private func hideRepeatedNamesByDictionary(object: Int) -> Int {
        var lastSeen: [[UInt8]: Int] = [:]
        var hidden = 0
        var index = object + 2
        while index < count {
            let name = unsafe JSONTapeEntry(word: words[index])
            if name.code != .hiddenName {
                let raw = unsafe Span(_unsafeStart: text + name.offset, count: name.length)
                let key = name.code == .string ? Array(raw) : JSONEscape.decoded(raw)
                if let earlier = lastSeen.updateValue(index, forKey: key) {
                    hide(earlier)
                    hidden += 1
                }
            }
            index = wordAfterValue(index + 1)
        }
        return hidden
    }

    private func hide(_ index: Int) {
        let name = unsafe JSONTapeEntry(word: words[index])
        unsafe words[index] = JSONTapeEntry(.hiddenName, offset: name.offset, length: name.length).word
    }

    /// The tape index just after the value at `index`, whose containers are closed.
    @inline(__always)
    private func wordAfterValue(_ index: Int) -> Int {
        let isContainer = unsafe JSONTapeEntry(word: words[index]).isContainer
        return unsafe isContainer ? Int(truncatingIfNeeded: words[index + 1] >> 32) : index + 1
    }
}
