internal import OrreryDocuments

/// What an offer says: a throughput, the buckets it is divided into, and the highest throughput there ever was, which
/// bounds how far it may be lowered.
struct OfferContent: Equatable {
    var throughput: Throughput
    var buckets: [ThroughputBucket] = []
    /// The highest rate, or autoscale maximum, that the offer ever had.
    var highestEver: Int

    /// The content of a new offer.
    init(_ throughput: Throughput) {
        self.throughput = throughput
        highestEver = throughput.peak
    }

    /// Reads the content that the catalog keeps.
    init(kept content: JSONValue) throws(DatabaseError) {
        throughput = try Throughput(content: content)
        buckets = try ThroughputBucket.list(in: content)
        let highest = content[Self.minimumMember]?.integer("maxThroughputEverProvisioned")
        highestEver = max(highest ?? 0, throughput.peak)
    }

    /// What becomes of it when a client replaces it.
    /// - Parameter storedGigabytes: what the offer's containers hold.
    /// - Throws: `.invalid` for a throughput below ``minimum(isAutoscale:storedGigabytes:sharingContainers:)``.
    func replaced(
        by content: JSONValue, storedGigabytes: Int, sharingContainers: Int
    ) throws(DatabaseError) -> OfferContent {
        var next = OfferContent(try Throughput(content: content))
        next.buckets = try ThroughputBucket.list(in: content)
        let minimum = minimum(
            isAutoscale: next.throughput.isAutoscale, storedGigabytes: storedGigabytes,
            sharingContainers: sharingContainers)
        guard next.throughput.peak >= minimum else {
            throw .invalid("Requested throughput \(next.throughput.peak) is less than required minimum throughput "
                + "\(minimum)")
        }
        next.highestEver = max(highestEver, next.highestEver)
        return next
    }

    /// The least throughput that the offer can be lowered to: a hundredth of the highest ever, one request unit for
    /// each gigabyte stored, and never less than 400 (features and limits, "Request units"). Of an autoscale offer the
    /// maximum is meant, of which a tenth is always there: all ten times as much, and never less than 1,000.
    func minimum(isAutoscale: Bool, storedGigabytes: Int, sharingContainers: Int) -> Int {
        let sharing = max(0, sharingContainers - Throughput.sharingContainersFree) * Throughput.manualStep
        let (least, step, factor) = isAutoscale
            ? (Throughput.autoscaleMin, Throughput.autoscaleStep, 10)
            : (Throughput.manualMin, Throughput.manualStep, 1)
        let wanted = max(least + sharing * factor, storedGigabytes * factor, highestEver * factor / 100)
        return (wanted + step - 1) / step * step
    }

    private static let minimumMember = "offerMinimumThroughputParameters"

    var json: JSONValue {
        var json = throughput.content
        json[Self.minimumMember] = ["maxThroughputEverProvisioned": .number(highestEver)]
        if !buckets.isEmpty { json["throughputBuckets"] = .array(buckets.map(\.json)) }
        return json
    }
}
