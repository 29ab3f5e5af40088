internal import OrreryDatabase
internal import OrreryDocuments
internal import OrreryEngine

/// Point operations: each on one item, durable when the call returns.
extension Container {
    /// Adds an item. Its id is its `id`, its partition key what it has at the container's paths.
    ///
    /// ```swift
    /// try await orders.create(Order(id: "1", customer: "ada", total: 12))
    /// ```
    /// - Throws: ``StoreError/conflict(_:)`` where there is one of this id, ``StoreError/invalid(_:)`` for what is no
    ///   item.
    @discardableResult
    public func create(_ value: some Encodable & Sendable) async throws(StoreError) -> Receipt {
        let document = try Self.document(value)
        return try await commit { container throws(DatabaseError) in
            try container.preparingCreate(document, partitionKey: nil)
        }
    }

    /// Adds an item, or replaces the one that is there.
    ///
    /// ```swift
    /// try await orders.upsert(order)
    /// ```
    /// - Parameters:
    ///   - value: the item.
    ///   - etag: the version that must be there; nil for any, or none.
    @discardableResult
    public func upsert(
        _ value: some Encodable & Sendable, ifMatch etag: String? = nil
    ) async throws(StoreError) -> Receipt {
        let document = try Self.document(value)
        return try await commit { container throws(DatabaseError) in
            try container.preparingCreate(
                document, partitionKey: nil, isUpsert: true, precondition: .match(etag))
        }
    }

    /// Replaces the item of this id and partition key.
    ///
    /// ```swift
    /// try await orders.replace(changed, ifMatch: order.etag)
    /// ```
    /// - Parameters:
    ///   - value: the item.
    ///   - etag: the version that must be there; nil for any.
    /// - Throws: ``StoreError/notFound``, ``StoreError/preconditionFailed``.
    @discardableResult
    public func replace(
        _ value: some Encodable & Sendable, ifMatch etag: String? = nil
    ) async throws(StoreError) -> Receipt {
        let document = try Self.document(value)
        return try await commit { container throws(DatabaseError) in
            guard let id = document.root["id"]?.stringBytes else { throw .invalid("An item needs an id.") }
            return try container.preparingReplace(id: id, document, partitionKey: nil, precondition: .match(etag))
        }
    }

    /// Removes an item.
    ///
    /// ```swift
    /// try await orders.delete("1", in: "ada")
    /// ```
    /// - Parameters:
    ///   - id: the item's id.
    ///   - key: its partition key.
    ///   - etag: the version that must be there; nil for any.
    /// - Throws: ``StoreError/notFound``, ``StoreError/preconditionFailed``.
    public func delete(_ id: String, in key: PartitionKey, ifMatch etag: String? = nil) async throws(StoreError) {
        try await commit { container throws(DatabaseError) in
            try container.preparingDelete(id: Array(id.utf8), partitionKey: key.key, precondition: .match(etag))
        }
    }

    /// Changes parts of an item where it stands, so that no other write can come between.
    ///
    /// ```swift
    /// try await orders.patch("1", in: "ada", [.set("/status", "paid"), .increment("/payments", by: 1)])
    /// ```
    /// - Parameters:
    ///   - id: the item's id.
    ///   - key: its partition key.
    ///   - operations: what to do, in order; all of it or nothing.
    ///   - condition: a predicate that must be true of the item, such as `"from c where c.stock > 0"`; nil for none.
    ///   - etag: the version that must be there; nil for any.
    /// - Throws: ``StoreError/notFound``, ``StoreError/preconditionFailed``, ``StoreError/invalid(_:)``.
    @discardableResult
    public func patch(
        _ id: String, in key: PartitionKey, _ operations: [PatchOperation], if condition: String? = nil,
        ifMatch etag: String? = nil
    ) async throws(StoreError) -> Receipt {
        let body = try PatchOperation.body(operations, condition)
        return try await commit { container throws(DatabaseError) in
            let patch = try ItemPatch(body.root, in: container)
            return try container.preparingChange(
                id: Array(id.utf8), partitionKey: key.key, precondition: .match(etag), patch.apply)
        }
    }

    /// Reads an item; nil where there is none.
    ///
    /// ```swift
    /// let order = try await orders.item("1", in: "ada", as: Order.self)
    /// ```
    /// - Throws: ``StoreError/coding(_:)`` where the item is none of this type.
    public func item<Value: Decodable & Sendable>(
        _ id: String, in key: PartitionKey, as type: Value.Type = Value.self
    ) async throws(StoreError) -> Item<Value>? {
        let opened = try StoreError.translating { () throws(DatabaseError) in try self.opened() }
        let found: OrreryEngine.Item
        do throws(ItemFailure) {
            found = try opened.item(id: Array(id.utf8), partitionKey: key.key).item
        } catch {
            if error.error == .notFound { return nil }
            throw StoreError(error.error)
        }
        return try Item(found)
    }

    // MARK: Committing

    static func document(_ value: some Encodable) throws(StoreError) -> JSONDocument {
        let text = try ItemEncoder.encode(value).text
        return try StoreError.translating { () throws(DatabaseError) in
            try OrreryDatabase.Container.document(parsing: text)
        }
    }

    /// Prepares one operation, commits it and waits.
    @discardableResult
    private func commit(
        _ prepare: (OrreryDatabase.Container) throws(DatabaseError) -> ItemOperation
    ) async throws(StoreError) -> Receipt {
        let opened = try StoreError.translating { () throws(DatabaseError) in try self.opened() }
        let operation = try StoreError.translating { () throws(DatabaseError) in try prepare(opened) }
        guard let answer = try await opened.answers(to: [operation]).first else {
            throw .unavailable("The store gave no answer.")
        }
        return Receipt(answer)
    }
}

extension OrreryDatabase.Container {
    /// Commits operations on one partition key, waits until they are durable, and gives what became of each.
    func answers(to operations: [ItemOperation]) async throws(StoreError) -> [ItemAnswer] {
        do throws(DatabaseError) {
            return try await commit(operations).answers
        } catch {
            throw StoreError(error)
        }
    }
}

extension ItemWrite.Precondition {
    /// The version that must be there, as an entity tag; nil for any.
    static func match(_ etag: String?) -> ItemWrite.Precondition {
        etag.map { .match(ItemEtag(text: Array($0.utf8))) } ?? .none
    }
}

extension Item where Value: Decodable {
    init(_ item: OrreryEngine.Item) throws(StoreError) {
        value = try ItemDecoder.decode(Value.self, from: item.text)
        etag = item.etag.text
        timestampSeconds = item.timestampSeconds
        lsn = item.lsn
    }
}
