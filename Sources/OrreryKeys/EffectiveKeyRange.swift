/// A stretch of effective partition keys, its start in and its end out.
public struct EffectiveKeyRange: Sendable, Hashable {
    /// The start, which belongs to the range.
    public var min: EffectivePartitionKey
    /// The end, which does not.
    public var max: EffectivePartitionKey

    /// A range from its ends.
    public init(min: EffectivePartitionKey, max: EffectivePartitionKey) {
        self.min = min
        self.max = max
    }

    /// All keys.
    public static let all = EffectiveKeyRange(min: .min, max: .max)

    /// Whether no key lies in it.
    public var isEmpty: Bool { min >= max }

    /// Whether a key lies in it.
    public func contains(_ key: EffectivePartitionKey) -> Bool { min <= key && key < max }

    /// Whether `other` lies wholly inside.
    public func contains(_ other: EffectiveKeyRange) -> Bool { min <= other.min && other.max <= max }

    /// Whether any key lies in both.
    public func overlaps(_ other: EffectiveKeyRange) -> Bool { min < other.max && other.min < max }

    /// What both have in common; nil where that is nothing.
    public func intersection(_ other: EffectiveKeyRange) -> EffectiveKeyRange? {
        guard overlaps(other) else { return nil }
        return EffectiveKeyRange(min: Swift.max(min, other.min), max: Swift.min(max, other.max))
    }

    /// The ranges of a new container: one for up to 10,000 RU/s, beyond that one for each 6,000 begun, all of equal
    /// width (cosmos-wire.md, section 8).
    /// - Parameters:
    ///   - throughput: request units a second.
    ///   - version: the partition key's hash version; version 1's keys crowd in a corner of version 2's space.
    public static func initialLayout(throughput: Int, version: Int = 2) -> [EffectiveKeyRange] {
        let count = throughput <= 10_000 ? 1 : throughput / 6_000 + (throughput % 6_000 == 0 ? 0 : 1)
        return all.slices(count, version: version)
    }

    /// Cuts the range into equal parts, the last of which takes what does not divide. Ranges too narrow for that many
    /// parts are cut into fewer, at least one.
    public func slices(_ count: Int, version: Int = 2) -> [EffectiveKeyRange] {
        let (start, end) = version == 1 ? (placeV1(of: min), placeV1(of: max)) : (placeV2(of: min), placeV2(of: max))
        guard count > 1, start < end, end - start >= UInt128(count) else { return [self] }
        let width = (end - start) / UInt128(count)
        var slices: [EffectiveKeyRange] = []
        slices.reserveCapacity(count)
        var from = min
        for index in 1..<count {
            let place = start + UInt128(index) * width
            let to = version == 1 ? Self.keyV1(at: place) : Self.keyV2(at: place)
            slices.append(EffectiveKeyRange(min: from, max: to))
            from = to
        }
        slices.append(EffectiveKeyRange(min: from, max: max))
        return slices
    }

    /// A key's place among version 2's hashes, which fill 126 bits: its first 16 bytes as a number.
    private func placeV2(of key: EffectivePartitionKey) -> UInt128 {
        if key == .max { return 1 << 126 - 1 }
        var place: UInt128 = 0
        for index in 0..<16 { place = place << 8 | UInt128(index < key.bytes.count ? key.bytes[index] : 0) }
        return place
    }

    private static func keyV2(at place: UInt128) -> EffectivePartitionKey {
        EffectivePartitionKey(bytes: (0..<16).map { UInt8(truncatingIfNeeded: place >> UInt128(120 - $0 * 8)) })
    }

    /// A key's place among version 1's hashes, which fill 32 bits.
    private func placeV1(of key: EffectivePartitionKey) -> UInt128 {
        if key == .max { return UInt128(UInt32.max) }
        guard let number = EffectiveKeyV1.leadingNumber(in: key.bytes), number >= 0, number < 0x1p32 else { return 0 }
        return UInt128(UInt32(number))
    }

    private static func keyV1(at place: UInt128) -> EffectivePartitionKey {
        var bytes: [UInt8] = []
        EffectiveKeyV1.append(.number(Double(UInt32(truncatingIfNeeded: place))), to: &bytes)
        return EffectivePartitionKey(bytes: bytes)
    }
}
