extension PartitionKeyDefinition {
    /// The effective partition key of a key (cosmos-wire.md, section 8). The empty key has the least of all; a prefix
    /// of a hierarchical key gives the beginning that all keys below it share.
    ///
    /// Nothing but the result is allocated for version 2.
    public func effectiveKey(of key: PartitionKey) -> EffectivePartitionKey {
        guard !key.values.isEmpty else { return .min }
        if kind == .multiHash {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(16 * key.values.count)
            for value in key.values {
                var hash = MurmurHash128()
                value.hash(into: &hash)
                hash.appendEffectiveBytes(to: &bytes)
            }
            return EffectivePartitionKey(bytes: bytes)
        }
        return version == 1 ? Self.effectiveKeyV1(of: key) : Self.effectiveKeyV2(of: key)
    }

    /// The effective keys of all items under a key: one point for a whole key, all below it for a hierarchical prefix,
    /// everything for the empty prefix.
    public func effectiveRange(ofPrefix prefix: PartitionKey) -> EffectiveKeyRange {
        let start = effectiveKey(of: prefix)
        // No effective key has a byte of FF at a place where another begins: hashes have their two high bits clear.
        let end = EffectivePartitionKey(bytes: start.bytes + [0xFF])
        return EffectiveKeyRange(min: start, max: end)
    }

    private static func effectiveKeyV2(of key: PartitionKey) -> EffectivePartitionKey {
        var hash = MurmurHash128()
        for value in key.values { value.hash(into: &hash) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        hash.appendEffectiveBytes(to: &bytes)
        return EffectivePartitionKey(bytes: bytes)
    }

    private static func effectiveKeyV1(of key: PartitionKey) -> EffectivePartitionKey {
        let values = key.values.map { $0.cut(toUTF16Units: EffectiveKeyV1.stringUnitsMax) }
        var hash = MurmurHash32()
        for value in values { value.hash(into: &hash) }
        var bytes: [UInt8] = []
        EffectiveKeyV1.append(.number(Double(hash.finish())), to: &bytes)
        for value in values { EffectiveKeyV1.append(value, to: &bytes) }
        return EffectivePartitionKey(bytes: bytes)
    }
}

extension MurmurHash128 {
    /// Appends the hash most significant byte first, its two high bits cleared so that FF stays above all.
    fileprivate func appendEffectiveBytes(to bytes: inout [UInt8]) {
        let (low, high) = finish()
        for shift in stride(from: 56, through: 0, by: -8) {
            let byte = UInt8(truncatingIfNeeded: high >> UInt64(shift))
            bytes.append(shift == 56 ? byte & 0x3F : byte)
        }
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: low >> UInt64(shift)))
        }
    }
}

extension PartitionKeyValue {
    /// Feeds the component to version 2's hash: its type marker, then eight little-endian bytes of a number or a
    /// string's UTF-8 and FF.
    func hash(into hash: inout MurmurHash128) {
        hash.append(EffectiveKeyV1.marker(of: self))
        switch self {
        case .undefined, .null, .boolean: break
        case .number(let value):
            for shift in 0..<8 { hash.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(shift * 8))) }
        case .string(let value):
            hash.append(value.utf8)
            hash.append(0xFF)
        }
    }

    /// Feeds the component to version 1's hash: as for version 2, but a string ends in 00.
    func hash(into hash: inout MurmurHash32) {
        hash.append(EffectiveKeyV1.marker(of: self))
        switch self {
        case .undefined, .null, .boolean: break
        case .number(let value):
            for shift in 0..<8 { hash.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(shift * 8))) }
        case .string(let value):
            hash.append(value.utf8)
            hash.append(0x00)
        }
    }

    /// A string's first UTF-16 units, for version 1 counts what was characters to its makers. Half a surrogate pair at
    /// the cut becomes U+FFFD, as it does in the service's own client.
    fileprivate func cut(toUTF16Units unitsMax: Int) -> PartitionKeyValue {
        guard case .string(let value) = self, value.utf16.count > unitsMax else { return self }
        return .string(String(decoding: value.utf16.prefix(unitsMax), as: UTF16.self))
    }
}
