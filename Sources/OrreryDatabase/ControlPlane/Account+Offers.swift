public import OrreryDocuments
internal import OrreryEngine
public import OrreryKeys

extension Account {
    /// All offers, the oldest first.
    public func offers() -> [Resource] {
        catalog.list(.offer, under: nil).map(Resource.init)
    }

    /// The offer of a resource id.
    public func offer(_ resourceID: ResourceID) throws(DatabaseError) -> Resource {
        guard let record = catalog.record(.offer, resourceID) else { throw .notFound }
        return Resource(record)
    }

    /// Gives an offer a new throughput.
    /// - Parameter body: the offer's whole body, as SDKs send it; only its `content` is read.
    public func replaceOffer(
        _ resourceID: ResourceID, body: JSONValue, ifMatch etag: String? = nil
    ) throws(DatabaseError) -> Resource {
        guard let content = body["content"] else { throw .invalidInput }
        let throughput = try Throughput(content: content)
        guard let old = catalog.record(.offer, resourceID), var json = try? JSONValue(parsing: old.body) else {
            throw .notFound
        }
        json["content"] = throughput.content
        let text = json.text
        return Resource(try change { () throws(CatalogError) in
            try catalog.replace(.offer, resourceID, body: text, ifMatch: etag)
        })
    }

    /// The throughput a database or container was given itself; nil where it has none.
    public func throughput(of owner: ResourceID) -> Throughput? {
        guard let record = catalog.find(.offer, under: nil, id: owner.text),
            let content = (try? JSONValue(parsing: record.body))?["content"]
        else { return nil }
        return try? Throughput(content: content)
    }

    /// Adds the offer of a new database or container. Offers stand in the catalog under their owner's resource id.
    func insertOffer(_ throughput: Throughput, for owner: CatalogRecord) throws(CatalogError) {
        _ = try catalog.insert(.offer, under: nil, id: owner.resourceID.text) { resourceID in
            let json: JSONValue = [
                "id": .string(resourceID.text),
                "resource": .string(owner.selfLink),
                "offerType": "Invalid",
                "offerResourceId": .string(owner.resourceID.text),
                "offerVersion": "V2",
                "content": throughput.content,
            ]
            return json.text
        }
    }

    /// Removes the offers of what was just removed.
    func deleteOffers(of removed: [CatalogRecord]) throws(CatalogError) {
        for record in removed where record.kind == .database || record.kind == .container {
            guard let offer = catalog.find(.offer, under: nil, id: record.resourceID.text) else { continue }
            try catalog.delete(.offer, offer.resourceID)
        }
    }
}
