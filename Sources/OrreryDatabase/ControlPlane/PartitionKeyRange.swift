internal import OrreryDocuments
internal import OrreryEngine
public import OrreryKeys

/// A partition-key range: one physical partition's share of a container's effective partition keys.
public struct PartitionKeyRange: Sendable, Equatable {
    /// Its number within the container; on the wire its decimal digits. Never used again after a split.
    public let number: UInt64
    /// The keys it holds: from the least, which belongs to it, to the bound above, which does not.
    public let keys: EffectiveKeyRange
    /// The numbers of the ranges it was split from, the oldest first.
    public let parents: [UInt64]
    public let resourceID: ResourceID
    /// Whether its split has begun. It serves all the same.
    public let isSplitting: Bool

    /// What SDKs call the range.
    public var id: String { String(number) }

    /// Itself and the ranges it was split from, the youngest first.
    public var lineage: [UInt64] { [number] + parents.reversed() }

    init(
        number: UInt64, keys: EffectiveKeyRange, parents: [UInt64], resourceID: ResourceID, isSplitting: Bool = false
    ) {
        self.number = number
        self.keys = keys
        self.parents = parents
        self.resourceID = resourceID
        self.isSplitting = isSplitting
    }

    /// Reads a range back from the catalog; nil where the record holds none.
    init?(_ record: CatalogRecord) {
        guard let number = UInt64(record.id), let body = try? JSONValue(parsing: record.body),
            let minimum = body["minInclusive"]?.string.flatMap(EffectivePartitionKey.init(hex:)),
            let maximum = body["maxExclusive"]?.string.flatMap(EffectivePartitionKey.init(hex:))
        else { return nil }
        let parents = (body["parents"]?.array ?? []).compactMap { $0.string.flatMap { UInt64($0) } }
        self.init(
            number: number, keys: EffectiveKeyRange(min: minimum, max: maximum), parents: parents,
            resourceID: record.resourceID, isSplitting: body["status"]?.string == Self.splitting)
    }

    private static let splitting = "splitting"

    /// What the catalog keeps of a range, and what the range's body says beside the system properties.
    static func body(
        number: UInt64, keys: EffectiveKeyRange, parents: [UInt64], isSplitting: Bool = false
    ) -> [UInt8] {
        let json: JSONValue = [
            "id": .string(String(number)),
            "minInclusive": .string(keys.min.hex),
            "maxExclusive": .string(keys.max.hex),
            "ridPrefix": .number(Int(clamping: number)),
            "throughputFraction": 1,
            "status": .string(isSplitting ? splitting : "online"),
            "parents": .array(parents.map { .string(String($0)) }),
            "ownedArchivalPKRangeIds": [],
        ]
        return json.text
    }
}
