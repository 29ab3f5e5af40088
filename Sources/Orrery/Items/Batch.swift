internal import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine

/// Operations on the items of one partition key that take effect together or not at all.
///
/// ```swift
/// try await orders.batch(in: "ada") { batch in
///     batch.create(order)
///     batch.delete("draft-1")
/// }
/// ```
public struct Batch: ~Copyable {
    /// The most operations of one batch.
    ///
    /// ```swift
    /// print(Batch.operationsMax)
    /// ```
    public static let operationsMax = 100

    private let container: OrreryDatabase.Container
    private let key: PartitionKey
    private(set) var operations: [ItemOperation] = []
    /// Why one of the operations cannot be made; the batch is refused for it.
    private(set) var failure: StoreError?

    init(_ container: OrreryDatabase.Container, in key: PartitionKey) {
        self.container = container
        self.key = key
    }

    /// Adds an item; the batch fails where there is one of its id.
    ///
    /// ```swift
    /// batch.create(order)
    /// ```
    public mutating func create(_ value: some Encodable) {
        add(value) { (document, container, key) throws(DatabaseError) in
            try container.preparingCreate(document, partitionKey: key.key)
        }
    }

    /// Adds an item, or replaces the one that is there.
    ///
    /// ```swift
    /// batch.upsert(order)
    /// ```
    public mutating func upsert(_ value: some Encodable, ifMatch etag: String? = nil) {
        add(value) { (document, container, key) throws(DatabaseError) in
            try container.preparingCreate(
                document, partitionKey: key.key, isUpsert: true, precondition: .match(etag))
        }
    }

    /// Replaces an item; the batch fails where there is none, or another version than the one given.
    ///
    /// ```swift
    /// batch.replace(order, ifMatch: etag)
    /// ```
    public mutating func replace(_ value: some Encodable, ifMatch etag: String? = nil) {
        add(value) { (document, container, key) throws(DatabaseError) in
            guard let id = document.root["id"]?.stringBytes else { throw .invalid("An item needs an id.") }
            return try container.preparingReplace(
                id: id, document, partitionKey: key.key, precondition: .match(etag))
        }
    }

    /// Removes an item; the batch fails where there is none, or another version than the one given.
    ///
    /// ```swift
    /// batch.delete("draft-1")
    /// ```
    public mutating func delete(_ id: String, ifMatch etag: String? = nil) {
        add { (container, key) throws(DatabaseError) in
            try container.preparingDelete(id: Array(id.utf8), partitionKey: key.key, precondition: .match(etag))
        }
    }

    /// Changes parts of an item; see ``Container/patch(_:in:_:if:ifMatch:)``.
    ///
    /// ```swift
    /// batch.patch("1", [.set("/status", "paid")])
    /// ```
    public mutating func patch(
        _ id: String, _ operations: [PatchOperation], if condition: String? = nil
    ) {
        let body: JSONDocument
        do throws(StoreError) {
            body = try PatchOperation.body(operations, condition)
        } catch {
            failure = failure ?? error
            return
        }
        add { (container, key) throws(DatabaseError) in
            let patch = try ItemPatch(body.root, in: container)
            return try container.preparingChange(id: Array(id.utf8), partitionKey: key.key, patch.apply)
        }
    }

    private mutating func add(
        _ value: some Encodable,
        _ prepare: (JSONDocument, OrreryDatabase.Container, PartitionKey) throws(DatabaseError) -> ItemOperation
    ) {
        do throws(StoreError) {
            let document = try Container.document(value)
            add { (container, key) throws(DatabaseError) in try prepare(document, container, key) }
        } catch {
            failure = failure ?? error
        }
    }

    private mutating func add(
        _ prepare: (OrreryDatabase.Container, PartitionKey) throws(DatabaseError) -> ItemOperation
    ) {
        guard operations.count < Self.operationsMax else {
            failure = failure ?? .invalid("A batch has at most \(Self.operationsMax) operations.")
            return
        }
        do throws(DatabaseError) {
            operations.append(try prepare(container, key))
        } catch {
            failure = failure ?? StoreError(error)
        }
    }
}

extension Container {
    /// Commits operations on one partition key together.
    ///
    /// ```swift
    /// try await orders.batch(in: "ada") { batch in
    ///     batch.create(order)
    ///     batch.patch("account", [.increment("/balance", by: -12)], if: "from c where c.balance >= 12")
    /// }
    /// ```
    /// - Returns: one receipt for each operation, in their order.
    /// - Throws: the error of the first operation that was refused; then nothing of the batch took effect.
    @discardableResult
    public func batch(
        in key: PartitionKey, _ build: (inout Batch) -> Void
    ) async throws(StoreError) -> [Receipt] {
        let opened = try StoreError.translating { () throws(DatabaseError) in try self.opened() }
        var batch = Batch(opened, in: key)
        build(&batch)
        if let failure = batch.failure { throw failure }
        if batch.operations.isEmpty { return [] }
        return try await opened.answers(to: batch.operations).map(Receipt.init)
    }
}
