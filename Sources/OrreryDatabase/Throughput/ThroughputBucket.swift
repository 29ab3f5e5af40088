internal import OrreryDocuments

/// A part of an offer's throughput that requests can be sent against, so that one workload cannot take all of it.
public struct ThroughputBucket: Sendable, Equatable {
    /// 1 to 5; what requests name it by.
    public let id: Int
    /// The most of the offer's throughput that it may use.
    public let percentMax: Int
    /// Whether requests that name no bucket count as its own.
    public let isDefault: Bool

    /// The numbers that buckets may have.
    public static let ids = 1...5

    /// Reads the buckets of an offer's content, `throughputBuckets`; none where it says nothing of any.
    /// - Throws: `.invalid` with what is wrong.
    static func list(in content: JSONValue) throws(DatabaseError) -> [ThroughputBucket] {
        guard let value = content["throughputBuckets"], !value.isNull else { return [] }
        guard let members = value.array else { throw .invalidInput }
        var buckets: [ThroughputBucket] = []
        for member in members {
            guard let id = member.integer("id"), ids.contains(id), !buckets.contains(where: { $0.id == id }) else {
                throw .invalid("Throughput buckets have ids from 1 to 5, each at most once.")
            }
            guard let percent = member.integer("maxThroughputPercentage"), (1...100).contains(percent) else {
                throw .invalid("The maxThroughputPercentage of a throughput bucket must be from 1 to 100.")
            }
            let isDefault = member["isDefaultBucket"]?.boolean ?? false
            if isDefault, buckets.contains(where: \.isDefault) {
                throw .invalid("At most one throughput bucket can be the default.")
            }
            buckets.append(ThroughputBucket(id: id, percentMax: percent, isDefault: isDefault))
        }
        return buckets
    }

    var json: JSONValue {
        [
            "id": .number(id), "maxThroughputPercentage": .number(percentMax), "isDefaultBucket": .boolean(isDefault),
        ]
    }
}
