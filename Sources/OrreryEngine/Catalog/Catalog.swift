internal import Glibc
public import OrreryKeys
internal import OrreryLMDB
internal import Synchronization

/// The control plane's resources, one tree for every kind: databases, containers, their partitions, offers, users,
/// permissions and scripts.
///
/// Each change is durable before the call returns. Everything is kept in memory too, so look-ups on the data path
/// touch no file.
public final class Catalog: Sendable {
    /// The tree as it stands, in memory.
    private struct Tree {
        var records: [RecordKey: CatalogRecord] = [:]
        /// The children of a parent by kind: name → resource id.
        var children: [FamilyKey: [[UInt8]: ResourceID]] = [:]
        var nextNumber: UInt32 = 1

        mutating func add(_ record: CatalogRecord) {
            records[RecordKey(kind: record.kind, resourceID: record.resourceID)] = record
            children[FamilyKey(record), default: [:]][Array(record.id.utf8)] = record.resourceID
        }

        mutating func remove(_ record: CatalogRecord) {
            records[RecordKey(kind: record.kind, resourceID: record.resourceID)] = nil
            children[FamilyKey(record)]?[Array(record.id.utf8)] = nil
        }
    }

    private struct RecordKey: Hashable {
        let kind: ResourceKind
        let resourceID: ResourceID

        /// The key in the file: the kind's byte, then the resource id.
        var encoded: [UInt8] { [kind.rawValue] + resourceID.bytes }
    }

    private struct FamilyKey: Hashable {
        let kind: ResourceKind
        let parent: ResourceID?

        init(kind: ResourceKind, parent: ResourceID?) {
            self.kind = kind
            self.parent = parent
        }

        init(_ record: CatalogRecord) {
            self.init(kind: record.kind, parent: record.parent)
        }
    }

    private let environment: Environment
    private let resources: Database
    private let marks: Database
    private let tree: Mutex<Tree>
    /// Settings by name, in the file and in memory.
    let settingsTable: Database
    let settings: Mutex<[[UInt8]: [UInt8]]>
    /// Held over a whole change, file and memory, so that changes are in one order; look-ups do not take it.
    let changing = Mutex(())

    private static let formatVersion: UInt32 = 1
    private static let mapBytes = 4 << 30
    private static let nextNumberKey = Array("next-number".utf8)
    private static let secretLowKey = Array("secret-low".utf8)
    private static let secretHighKey = Array("secret-high".utf8)
    private static let formatKey = Array("format".utf8)

    /// Opens or creates the catalog's file.
    ///
    /// - Throws: `.storage` when the file cannot be opened, or was written by a newer version of the format.
    public init(path: String) throws(CatalogError) {
        let format: UInt32?
        do throws(LMDBError) {
            environment = try Environment(path: path, mapBytes: Self.mapBytes, databasesMax: 4)
            resources = try environment.openDatabase("resources")
            marks = try environment.openDatabase("marks")
            settingsTable = try environment.openDatabase("settings")
            settings = Mutex(try Self.loadSettings(environment, settingsTable))
            format = try Self.mark(environment, marks, Self.formatKey)
        } catch {
            throw CatalogError(error)
        }
        if let format, format > Self.formatVersion {
            throw .storage(
                "\(path) is of format \(format) and this version reads up to \(Self.formatVersion): use a newer one")
        }
        // Files of earlier versions may be open to everybody's eyes, and now there are keys in them.
        _ = unsafe chmod(path, 0o600)
        tree = Mutex(try Self.load(environment, resources, marks))
        if format == nil {
            try change { (transaction) throws(LMDBError) in
                try Self.put(&transaction, marks, Self.formatKey, Self.formatVersion)
            }
        }
    }

    // MARK: Look-ups

    /// The resource of this kind and id, or nil.
    public func record(_ kind: ResourceKind, _ resourceID: ResourceID) -> CatalogRecord? {
        tree.withLock { $0.records[RecordKey(kind: kind, resourceID: resourceID)] }
    }

    /// The resource of this kind and name under a parent, or nil. Names are compared byte by byte.
    public func find(_ kind: ResourceKind, under parent: ResourceID?, id: some StringProtocol) -> CatalogRecord? {
        let name = Array(id.utf8)
        return tree.withLock { tree in
            guard let resourceID = tree.children[FamilyKey(kind: kind, parent: parent)]?[name] else { return nil }
            return tree.records[RecordKey(kind: kind, resourceID: resourceID)]
        }
    }

    /// All resources of a kind under a parent, in the order they were made.
    public func list(_ kind: ResourceKind, under parent: ResourceID?) -> [CatalogRecord] {
        let found = tree.withLock { tree in
            (tree.children[FamilyKey(kind: kind, parent: parent)] ?? [:]).values.compactMap {
                tree.records[RecordKey(kind: kind, resourceID: $0)]
            }
        }
        return found.sorted { $0.resourceID.order < $1.resourceID.order }
    }

    // MARK: Changes

    /// What is added in one change with another resource, which nothing else can have been named for before.
    public enum Companion {
        /// A partition of the resource under a number the caller chooses: its range's id.
        case partition(_ rangeNumber: UInt64, body: [UInt8])
        /// The resource's offer, which is named by its id; its definition is made from the id that it will have itself.
        case offer(makeBody: (ResourceID) -> [UInt8])
    }

    /// Adds a resource.
    ///
    /// - Parameters:
    ///   - makeBody: gives the definition, from the resource id that it will have.
    ///   - companions: gives what is added with it.
    /// - Throws: `.conflict` when the name is taken, `.notFound` when the parent is gone.
    public func insert(
        _ kind: ResourceKind, under parent: ResourceID?, id: String, makeBody: (ResourceID) -> [UInt8],
        with companions: (CatalogRecord) -> [Companion] = { _ in [] }
    ) throws(CatalogError) -> CatalogRecord {
        try insert(kind, under: parent, id: id, at: nil, makeBody: makeBody, with: companions)
    }

    /// Adds a partition of a container under a number the caller chooses: its range's id.
    public func insertPartition(
        _ rangeNumber: UInt64, of container: ResourceID, body: [UInt8]
    ) throws(CatalogError) -> CatalogRecord {
        let resourceID = container.child(.partitionKeyRange, rangeNumber)
        return try insert(
            .partition, under: container, id: "\(rangeNumber)", at: resourceID, makeBody: { _ in body },
            with: { _ in [] })
    }

    /// Puts partitions of a container in the place of one, in one change.
    ///
    /// - Parameter successors: their numbers, and what is to be said of each.
    /// - Throws: `.notFound` when the container does not have the partition, `.conflict` when it has one of a
    ///   successor's number.
    public func replacePartition(
        _ rangeNumber: UInt64, of container: ResourceID, by successors: [(number: UInt64, body: [UInt8])]
    ) throws(CatalogError) {
        try changing.withLock { (_) throws(CatalogError) in
            guard let old = record(.partition, container.child(.partitionKeyRange, rangeNumber)) else {
                throw .notFound
            }
            var number = tree.withLock { $0.nextNumber }
            var records: [CatalogRecord] = []
            for successor in successors {
                let resourceID = container.child(.partitionKeyRange, successor.number)
                if record(.partition, resourceID) != nil { throw .conflict }
                records.append(
                    CatalogRecord(
                        kind: .partition, resourceID: resourceID, parent: container, id: "\(successor.number)",
                        body: successor.body, etag: Self.makeEtag(number), timestampSeconds: WallClock.seconds()))
                number += 1
            }
            try change { (transaction) throws(LMDBError) in
                let key = RecordKey(kind: .partition, resourceID: old.resourceID).encoded
                try transaction.remove(resources, key: key.span)
                for record in records { try Self.put(&transaction, resources, record) }
                try Self.put(&transaction, marks, Self.nextNumberKey, number)
            }
            tree.withLock { tree in
                tree.nextNumber = number
                tree.remove(old)
                for record in records { tree.add(record) }
            }
        }
    }

    private func insert(
        _ kind: ResourceKind, under parent: ResourceID?, id: String, at given: ResourceID?,
        makeBody: (ResourceID) -> [UInt8], with companions: (CatalogRecord) -> [Companion]
    ) throws(CatalogError) -> CatalogRecord {
        try changing.withLock { (_) throws(CatalogError) in
            if let parent, !exists(parent) { throw .notFound }
            if find(kind, under: parent, id: id) != nil { throw .conflict }
            var number = tree.withLock { $0.nextNumber }
            func made(
                _ kind: ResourceKind, under parent: ResourceID?, id: String, at given: ResourceID?,
                _ makeBody: (ResourceID) -> [UInt8]
            ) -> CatalogRecord {
                defer { number += 1 }
                let resourceID = given ?? Self.resourceID(kind, under: parent, number: number)
                return CatalogRecord(
                    kind: kind, resourceID: resourceID, parent: parent, id: id, body: makeBody(resourceID),
                    etag: Self.makeEtag(number), timestampSeconds: WallClock.seconds())
            }
            let record = made(kind, under: parent, id: id, at: given, makeBody)
            var records = [record]
            for companion in companions(record) {
                switch companion {
                case .partition(let rangeNumber, let body):
                    records.append(
                        made(
                            .partition, under: record.resourceID, id: "\(rangeNumber)",
                            at: record.resourceID.child(.partitionKeyRange, rangeNumber), { _ in body }))
                case .offer(let makeBody):
                    records.append(made(.offer, under: nil, id: record.resourceID.text, at: nil, makeBody))
                }
            }
            try change { (transaction) throws(LMDBError) in
                for record in records { try Self.put(&transaction, resources, record) }
                try Self.put(&transaction, marks, Self.nextNumberKey, number)
            }
            tree.withLock { tree in
                tree.nextNumber = number
                for record in records { tree.add(record) }
            }
            return record
        }
    }

    /// Gives a resource a new definition, keeping its resource id.
    ///
    /// - Parameters:
    ///   - newID: its new name; nil to keep the old one.
    ///   - etag: when given, the resource must still carry this entity tag.
    /// - Throws: `.notFound`, `.preconditionFailed`, `.conflict` when the new name is taken.
    public func replace(
        _ kind: ResourceKind, _ resourceID: ResourceID, id newID: String? = nil, body: [UInt8],
        ifMatch etag: String? = nil
    ) throws(CatalogError) -> CatalogRecord {
        try changing.withLock { (_) throws(CatalogError) in
            guard let current = record(kind, resourceID) else { throw .notFound }
            if let etag, !etag.utf8.elementsEqual(current.etag.utf8) { throw .preconditionFailed }
            let id = newID ?? current.id
            if let other = find(kind, under: current.parent, id: id), other.resourceID != resourceID {
                throw .conflict
            }
            let number = tree.withLock { $0.nextNumber }
            let record = CatalogRecord(
                kind: kind, resourceID: resourceID, parent: current.parent, id: id, body: body,
                etag: Self.makeEtag(number), timestampSeconds: WallClock.seconds())
            try change { (transaction) throws(LMDBError) in
                try Self.put(&transaction, resources, record)
                try Self.put(&transaction, marks, Self.nextNumberKey, number + 1)
            }
            tree.withLock { tree in
                tree.nextNumber = number + 1
                tree.remove(current)
                tree.add(record)
            }
            return record
        }
    }

    /// Removes a resource, all that stands under it and the offers of these, in one change.
    ///
    /// - Parameter etag: when given, the resource must still carry this entity tag.
    /// - Returns: what was removed, the resource itself first.
    /// - Throws: `.notFound`, `.preconditionFailed`.
    @discardableResult
    public func delete(
        _ kind: ResourceKind, _ resourceID: ResourceID, ifMatch etag: String? = nil
    ) throws(CatalogError) -> [CatalogRecord] {
        try changing.withLock { (_) throws(CatalogError) in
            guard let top = record(kind, resourceID) else { throw .notFound }
            if let etag, !etag.utf8.elementsEqual(top.etag.utf8) { throw .preconditionFailed }
            let doomed = subtree(of: top)
            try change { (transaction) throws(LMDBError) in
                for record in doomed {
                    let key = RecordKey(kind: record.kind, resourceID: record.resourceID).encoded
                    try transaction.remove(resources, key: key.span)
                }
            }
            tree.withLock { tree in
                for record in doomed { tree.remove(record) }
            }
            return doomed
        }
    }

    private func subtree(of top: CatalogRecord) -> [CatalogRecord] {
        var found = [top]
        var index = 0
        while index < found.count {
            for kind in ResourceKind.allCases where kind.parentKind == found[index].kind {
                found += list(kind, under: found[index].resourceID)
            }
            index += 1
        }
        // Offers are named by what they are for.
        return found + found.compactMap { find(.offer, under: nil, id: $0.resourceID.text) }
    }

    private func exists(_ resourceID: ResourceID) -> Bool {
        [ResourceKind.container, .database, .user].contains { record($0, resourceID) != nil }
    }

    // MARK: The file

    /// The store's secret number, drawn when the catalog is made: it keys the hashes that index items.
    func secret() throws(CatalogError) -> UInt64 {
        do throws(LMDBError) {
            if let low = try Self.mark(environment, marks, Self.secretLowKey),
                let high = try Self.mark(environment, marks, Self.secretHighKey)
            {
                return UInt64(high) << 32 | UInt64(low)
            }
        } catch {
            throw CatalogError(error)
        }
        let secret = UInt64.random(in: 0...UInt64.max)
        try change { (transaction) throws(LMDBError) in
            try Self.put(&transaction, marks, Self.secretLowKey, UInt32(truncatingIfNeeded: secret))
            try Self.put(&transaction, marks, Self.secretHighKey, UInt32(truncatingIfNeeded: secret >> 32))
        }
        return secret
    }

    func change(_ body: (inout WriteTransaction) throws(LMDBError) -> Void) throws(CatalogError) {
        do throws(LMDBError) {
            var transaction = try environment.write()
            try body(&transaction)
            try transaction.commit()
        } catch {
            throw CatalogError(error)
        }
    }

    private static func put(
        _ transaction: inout WriteTransaction, _ database: Database, _ record: CatalogRecord
    ) throws(LMDBError) {
        let key = RecordKey(kind: record.kind, resourceID: record.resourceID).encoded
        try transaction.put(database, key: key.span, value: record.encoded.span)
    }

    private static func put(
        _ transaction: inout WriteTransaction, _ marks: Database, _ key: [UInt8], _ number: UInt32
    ) throws(LMDBError) {
        var encoder = ByteEncoder()
        encoder.append(number)
        try transaction.put(marks, key: key.span, value: encoder.bytes.span)
    }

    private static func mark(
        _ environment: Environment, _ marks: Database, _ key: [UInt8]
    ) throws(LMDBError) -> UInt32? {
        let transaction = try environment.read()
        guard let value = try transaction.value(marks, key.span) else { return nil }
        var decoder = ByteDecoder(value)
        return decoder.number(UInt32.self)
    }

    private static func load(
        _ environment: Environment, _ resources: Database, _ marks: Database
    ) throws(CatalogError) -> Tree {
        var tree = Tree()
        var damagedCount = 0
        do throws(LMDBError) {
            tree.nextNumber = try mark(environment, marks, nextNumberKey) ?? 1
            let transaction = try environment.read()
            var cursor = try transaction.cursor(resources)
            var more = try cursor.first()
            while more {
                if let record = CatalogRecord(key: cursor.key, value: cursor.value) {
                    tree.add(record)
                } else {
                    damagedCount += 1
                }
                more = try cursor.next()
            }
        } catch {
            throw CatalogError(error)
        }
        // A resource that cannot be read is not skipped: its items would look deleted.
        guard damagedCount == 0 else { throw .storage("\(environment.path) holds \(damagedCount) damaged records") }
        return tree
    }

    private static func resourceID(_ kind: ResourceKind, under parent: ResourceID?, number: UInt32) -> ResourceID {
        guard let parent else { return kind == .offer ? .offer(number) : .database(number) }
        return switch kind {
        case .database: .database(number)
        case .offer: .offer(number)
        case .container: parent.container(number)
        case .user: parent.user(number)
        case .permission: parent.permission(UInt64(number))
        case .partition: parent.child(.partitionKeyRange, UInt64(number))
        case .storedProcedure: parent.child(.storedProcedure, UInt64(number))
        case .trigger: parent.child(.trigger, UInt64(number))
        case .userDefinedFunction: parent.child(.userDefinedFunction, UInt64(number))
        }
    }

    /// Entity tags follow the catalog's own counter, so none comes twice.
    private static func makeEtag(_ number: UInt32) -> String {
        let digits = String(number, radix: 16)
        let counter = String(repeating: "0", count: 8 - digits.count) + digits
        let seconds = String(WallClock.seconds(), radix: 16)
        return "\(counter)-0000-0000-0000-" + String(repeating: "0", count: max(0, 12 - seconds.count)) + seconds
    }
}

extension ResourceKind {
    /// What a resource of this kind stands under; nil at the top.
    var parentKind: ResourceKind? {
        switch self {
        case .database, .offer: nil
        case .container, .user: .database
        case .permission: .user
        case .partition, .storedProcedure, .trigger, .userDefinedFunction: .container
        }
    }
}

extension ResourceID {
    /// Sorts siblings by the number they were given.
    fileprivate var order: UInt64 {
        switch bytes.count {
        case 16: childNumber ?? 0
        case 8: bytes[4...].reduce(0) { $0 << 8 | UInt64($1) }
        default: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}
