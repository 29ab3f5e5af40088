public import OrreryDocuments
internal import OrreryEngine
public import OrreryKeys

/// An offer as users see it.
public struct OfferResource: Sendable {
    public let resource: Resource
    /// Whether the partitions that it needs are still being made.
    public let isReplacePending: Bool
}

extension Account {
    /// All offers, the oldest first.
    public func offers() -> [OfferResource] {
        catalog.list(.offer, under: nil).map(offer)
    }

    /// The offer of a resource id.
    public func offer(_ resourceID: ResourceID) throws(DatabaseError) -> OfferResource {
        guard let record = catalog.record(.offer, resourceID) else { throw .notFound }
        return offer(record)
    }

    /// An offer as users see it: with what the account has not come to yet.
    private func offer(_ record: CatalogRecord) -> OfferResource {
        let offer = Resource(record)
        guard let container = container(ofOffer: record), isSplitPending(in: container) else {
            return OfferResource(resource: offer, isReplacePending: false)
        }
        return OfferResource(
            resource: offer.changing { $0["content"]?["isOfferReplacePending"] = true }, isReplacePending: true)
    }

    /// The container that an offer is of; nil where it is a database's.
    private func container(ofOffer record: CatalogRecord) -> ResourceID? {
        guard let owner = ResourceID(text: record.id), hasContainer(owner) else { return nil }
        return owner
    }

    /// The container that an offer is of; nil where it is a database's, or not there.
    public func container(ofOffer resourceID: ResourceID) -> ResourceID? {
        catalog.record(.offer, resourceID).flatMap { container(ofOffer: $0) }
    }

    /// Gives an offer a new throughput.
    ///
    /// Where it needs more partitions than there are, their splits begin; see ``whenSplit(_:withinMilliseconds:_:)``.
    /// - Parameter body: the offer's whole body, as SDKs send it; only its `content` is read.
    public func replaceOffer(
        _ resourceID: ResourceID, body: JSONValue, ifMatch etag: String? = nil
    ) throws(DatabaseError) -> OfferResource {
        guard let content = body["content"] else { throw .invalidInput }
        guard let old = catalog.record(.offer, resourceID), var json = try? JSONValue(parsing: old.body),
            let kept = json["content"]
        else { throw .notFound }
        let next = try OfferContent(kept: kept).replaced(
            by: content, storedGigabytes: storedGigabytes(old), sharingContainers: sharingContainers(old))
        json["content"] = next.json
        let text = json.text
        let replaced = try change { () throws(CatalogError) in
            try catalog.replace(.offer, resourceID, body: text, ifMatch: etag)
        }
        if let container = container(ofOffer: replaced), isSplitPending(in: container) { splitRequests.add(container) }
        return offer(replaced)
    }

    /// The throughput a database or container was given itself; nil where it has none.
    public func throughput(of owner: ResourceID) -> Throughput? {
        offerContent(of: owner)?.throughput
    }

    /// The buckets that the offer of a database or container is divided into.
    public func throughputBuckets(of owner: ResourceID) -> [ThroughputBucket] {
        offerContent(of: owner)?.buckets ?? []
    }

    /// The least throughput that an offer can be lowered to, in the kind that it has.
    public func minimumThroughput(ofOffer resourceID: ResourceID) -> Int? {
        guard let record = catalog.record(.offer, resourceID), let owner = ResourceID(text: record.id),
            let content = offerContent(of: owner)
        else { return nil }
        return content.minimum(
            isAutoscale: content.throughput.isAutoscale, storedGigabytes: storedGigabytes(record),
            sharingContainers: sharingContainers(record))
    }

    private func offerContent(of owner: ResourceID) -> OfferContent? {
        guard let record = catalog.find(.offer, under: nil, id: owner.text),
            let content = (try? JSONValue(parsing: record.body))?["content"]
        else { return nil }
        return try? OfferContent(kept: content)
    }

    /// What the containers of an offer hold, as far as their partitions are open.
    private func storedGigabytes(_ offer: CatalogRecord) -> Int {
        guard let owner = ResourceID(text: offer.id) else { return 0 }
        let partitions = store.openPartitions.filter { $0.container == owner || $0.container.database == owner }
        return partitions.reduce(0) { $0 + $1.statistics.logBytes } >> 30
    }

    /// How many containers share an offer: none, where it is a container's own.
    private func sharingContainers(_ offer: CatalogRecord) -> Int {
        ResourceID(text: offer.id).map(sharingContainers(in:)) ?? 0
    }

    /// How many containers of a database have no throughput of their own.
    func sharingContainers(in database: ResourceID) -> Int {
        catalog.list(.container, under: database)
            .count { catalog.find(.offer, under: nil, id: $0.resourceID.text) == nil }
    }

    /// The offer of a new database or container. Offers stand in the catalog under their owner's resource id.
    static func offer(_ throughput: Throughput, of owner: CatalogRecord) -> Catalog.Companion {
        .offer { resourceID in
            let json: JSONValue = [
                "id": .string(resourceID.text),
                "resource": .string(owner.selfLink),
                "offerType": "Invalid",
                "offerResourceId": .string(owner.resourceID.text),
                "offerVersion": "V2",
                "content": OfferContent(throughput).json,
            ]
            return json.text
        }
    }
}
