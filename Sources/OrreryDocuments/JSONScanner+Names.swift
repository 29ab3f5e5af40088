extension JSONScanner {
    /// Marks the names of a closed object that a later, equal name hides, and says how many there are.
    ///
    /// Done here, once, so that every reader may take the first match it finds and trust the count. Names rarely
    /// repeat, so a small filter of their fingerprints settles nearly all of them; those it cannot settle are compared
    /// with the names before. Large objects, and names with escapes, go by full hashes.
    mutating func hideRepeatedNames(object: Int, members: Int) -> Int {
        guard members <= 64 else { return hideRepeatedNamesByHash(object: object, members: members) }
        var filter: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var hidden = 0
        var index = object + 2
        while index < count {
            let name = unsafe JSONTapeEntry(word: words[index])
            if name.code == .escapedString { return hidden + hideRepeatedNamesByHash(object: object, members: members) }
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
            if other.code == .string, nameText(name).isEqual(nameText(other)) {
                hide(index)
                return 1
            }
            index = wordAfterValue(index + 1)
        }
        return 0
    }

    /// Sorts the names by a hash that nobody outside can steer, for it is keyed anew in each process, and compares
    /// those that share one.
    private func hideRepeatedNamesByHash(object: Int, members: Int) -> Int {
        var names: [(hash: Int, index: Int)] = []
        names.reserveCapacity(members)
        var index = object + 2
        while index < count {
            let name = unsafe JSONTapeEntry(word: words[index])
            if name.code != .hiddenName { names.append((hash(name), index)) }
            index = wordAfterValue(index + 1)
        }
        names.sort { a, b in a.hash == b.hash ? a.index < b.index : a.hash < b.hash }
        var hidden = 0
        for (position, name) in names.enumerated() {
            let entry = unsafe JSONTapeEntry(word: words[name.index])
            let sharing = names[(position + 1)...].lazy.prefix { $0.hash == name.hash }
            let isRepeated = sharing.contains { other in
                let otherEntry = unsafe JSONTapeEntry(word: words[other.index])
                return nameText(entry).isEqual(nameText(otherEntry))
            }
            guard isRepeated else { continue }
            hide(name.index)
            hidden += 1
        }
        return hidden
    }

    private func hash(_ name: JSONTapeEntry) -> Int {
        var hasher = Hasher()
        if name.code == .escapedString {
            unsafe JSONEscape.decoded(nameText(name).bytes).withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        } else {
            unsafe nameText(name).bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        }
        return hasher.finalize()
    }

    /// A name that is not hidden, where it stands.
    @_lifetime(borrow self)
    private func nameText(_ name: JSONTapeEntry) -> JSONStringText {
        let bytes = unsafe Span(_unsafeStart: text + name.offset, count: name.length)
        return JSONStringText(unsafe _overrideLifetime(bytes, borrowing: self), hasEscapes: name.code == .escapedString)
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
