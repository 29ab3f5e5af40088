internal import OrreryDocuments
internal import OrreryEngine
public import OrreryKeys

extension Account {
    /// Makes a container with its partition-key ranges and, unless it shares its database's throughput, its offer.
    /// - Parameters:
    ///   - database: the resource id of the database.
    ///   - throughput: its own throughput; nil for its database's, or for the standard where that has none.
    /// - Throws: `.invalid`, `.conflict`, `.notFound` when the database is gone.
    public func createContainer(
        _ definition: ContainerDefinition, in database: ResourceID, throughput: Throughput?
    ) throws(DatabaseError) -> Resource {
        let shared = self.throughput(of: database)
        let own = throughput ?? (shared == nil ? .standard : nil)
        if own == nil, sharingContainers(in: database) >= Throughput.sharingContainersMax {
            let count = Throughput.sharingContainersMax
            throw .invalid("The database shares its throughput among \(count) containers, the most it can: create the "
                + "container with a throughput of its own.")
        }
        return Resource(try change { () throws(CatalogError) in
            try insertContainer(definition, in: database, throughput: own)
        })
    }

    /// Adds a container, its ranges and, if it has a throughput of its own, its offer in one change.
    func insertContainer(
        _ definition: ContainerDefinition, in database: ResourceID, throughput: Throughput?
    ) throws(CatalogError) -> CatalogRecord {
        let layout = EffectiveKeyRange.initialLayout(throughput: throughput?.peak ?? Throughput.manualMin)
        let ranges = zip(UInt64(0)..., layout).map { number, keys in
            Catalog.Companion.partition(number, body: PartitionKeyRange.body(number: number, keys: keys, parents: []))
        }
        return try catalog.insert(
            .container, under: database, id: definition.id, makeBody: { _ in definition.json.text },
            with: { record in (throughput.map { [Self.offer($0, of: record)] } ?? []) + ranges })
    }

    /// The container of a name in a database.
    public func container(named id: String, in database: ResourceID) throws(DatabaseError) -> Resource {
        guard let record = catalog.find(.container, under: database, id: id) else { throw .notFound }
        return Resource(record)
    }

    /// The resource id of the container of a name in a database.
    public func containerID(named id: String, in database: ResourceID) throws(DatabaseError) -> ResourceID {
        guard let record = catalog.find(.container, under: database, id: id) else { throw .notFound }
        return record.resourceID
    }

    /// Whether there is a container of this resource id.
    public func hasContainer(_ resourceID: ResourceID) -> Bool {
        catalog.record(.container, resourceID) != nil
    }

    /// The container of a resource id, ready for work on its items. What it says of itself holds until the account's
    /// generation rises.
    public func openContainer(_ resourceID: ResourceID) throws(DatabaseError) -> Container {
        guard let record = catalog.record(.container, resourceID), let databaseID = record.parent,
            let database = catalog.record(.database, databaseID)
        else { throw .notFound }
        let ranges = partitionKeyRanges(of: resourceID)
        // It was removed between two of these looks.
        guard Self.isWhole(ranges) else { throw .notFound }
        return Container(
            resourceID: resourceID, id: record.id, databaseID: database.id,
            definition: try containerDefinition(resourceID), ranges: ranges,
            store: store, scanHelpers: scanHelpers,
            settings: { [catalog] in Self.partitionSettings(of: resourceID, in: catalog) })
    }

    /// The container of a resource id.
    public func container(_ resourceID: ResourceID) throws(DatabaseError) -> Resource {
        guard let record = catalog.record(.container, resourceID) else { throw .notFound }
        return Resource(record)
    }

    /// The containers of a database, the oldest first.
    public func containers(in database: ResourceID) -> [Resource] {
        catalog.list(.container, under: database).map(Resource.init)
    }

    /// Gives a container a new definition, whole: what the new one leaves out is removed.
    public func replaceContainer(
        _ resourceID: ResourceID, with definition: ContainerDefinition, ifMatch etag: String? = nil
    ) throws(DatabaseError) -> Resource {
        let old = try openContainer(resourceID)
        try definition.validate(replacing: old.definition)
        let replaced = try change { () throws(CatalogError) in
            if let etag, catalog.record(.container, resourceID)?.etag != etag { throw .preconditionFailed }
            let (before, after) = (old.definition.timeToLive, definition.timeToLive)
            // What is over under the old policy goes before the new one is on record: a crash between the two leaves
            // the old one in force, so nothing that was seen to end comes back.
            if after != before { try changeTimeToLive(of: resourceID, to: after) }
            let record: CatalogRecord
            do throws(CatalogError) {
                record = try catalog.replace(.container, resourceID, body: definition.json.text, ifMatch: etag)
            } catch {
                if after != before { try changeTimeToLive(of: resourceID, to: before) }
                throw error
            }
            // Within the change, so that a split hands over the new selection or the children are there to be told.
            store.changeSelection(of: resourceID, to: definition.selection)
            for partition in store.openPartitions where partition.container == resourceID {
                partition.changeRetention(toMilliseconds: definition.retentionMilliseconds)
            }
            return record
        }
        return Resource(replaced)
    }

    /// Gives every partition a policy. Returns once it holds in all of them. To be called within a change, so that none
    /// is split meanwhile.
    private func changeTimeToLive(of container: ResourceID, to policy: TimeToLivePolicy) throws(CatalogError) {
        for range in partitionKeyRanges(of: container) {
            do throws(EngineError) {
                try store.partition(of: container, rangeNumber: range.number) { [catalog] in
                    Self.partitionSettings(of: container, in: catalog)
                }.changeTimeToLive(to: policy)
            } catch {
                throw .storage("the time to live of range \(range.id) cannot be changed: \(error.message)")
            }
        }
    }

    /// How much of a container is indexed by its policy as of now, in percent. Partitions that are not open are left
    /// out: what is to be done there goes on when they are.
    public func indexProgressPercent(of container: ResourceID) -> Int {
        store.openPartitions.filter { $0.container == container }.map(\.indexProgressPercent).min() ?? 100
    }

    /// What a container's definition says to its partitions, as the catalog has it now.
    static func partitionSettings(of container: ResourceID, in catalog: Catalog) -> PartitionSettings {
        guard let record = catalog.record(.container, container), let json = try? JSONValue(parsing: record.body),
            let definition = try? ContainerDefinition(json)
        else { return PartitionSettings() }
        return PartitionSettings(
            selection: definition.selection, timeToLive: definition.timeToLive,
            retentionMilliseconds: definition.retentionMilliseconds,
            limitsPartitionKeys: container.database != systemDatabaseID(in: catalog))
    }

    /// Removes a container with everything in it.
    public func deleteContainer(_ resourceID: ResourceID, ifMatch etag: String? = nil) throws(DatabaseError) {
        _ = try change { () throws(CatalogError) in try catalog.delete(.container, resourceID, ifMatch: etag) }
        store.removePartitions(of: resourceID)
    }

    /// The definition that a container was made or last replaced with.
    public func containerDefinition(_ resourceID: ResourceID) throws(DatabaseError) -> ContainerDefinition {
        guard let record = catalog.record(.container, resourceID) else { throw .notFound }
        guard let json = try? JSONValue(parsing: record.body) else {
            throw .unavailable("The container's definition cannot be read.")
        }
        return try ContainerDefinition(json)
    }

    /// The partition-key ranges of a container, in the order of their keys.
    public func partitionKeyRanges(of container: ResourceID) -> [PartitionKeyRange] {
        catalog.list(.partition, under: container).compactMap(PartitionKeyRange.init)
            .sorted { $0.keys.min < $1.keys.min }
    }

    /// The partition-key ranges of a container as resources, in the order of their keys.
    public func partitionKeyRangeResources(of container: ResourceID) -> [Resource] {
        partitionKeyRanges(of: container).compactMap { range in
            catalog.record(.partition, range.resourceID).map(Resource.init)
        }
    }

    /// Earlier versions wrote a container's record, its offer and its ranges one after the other. A crash between them
    /// left a container that was never acknowledged and whose ranges do not reach the end of the keys; it is removed.
    func removeIncompleteContainers() throws(DatabaseError) {
        for database in catalog.list(.database, under: nil) {
            for container in catalog.list(.container, under: database.resourceID) {
                let ranges = partitionKeyRanges(of: container.resourceID)
                if !Self.isWhole(ranges) { try deleteContainer(container.resourceID) }
            }
        }
    }

    /// Whether ranges reach from the first key to the last.
    private static func isWhole(_ ranges: [PartitionKeyRange]) -> Bool {
        ranges.first?.keys.min.hex == "" && ranges.last?.keys.max.hex == "FF"
    }
}
