extension JSONPatch {
    /// Applies the operations one after another; all of them or none.
    ///
    /// Each is one splice of the text followed by a scan of the whole, which keeps the next operation's view true and
    /// costs about a microsecond a kilobyte.
    public func apply(to document: JSONDocument, limits: JSONLimits = .item) throws(JSONPatchError) -> JSONDocument {
        var document = document
        for (index, operation) in operations.enumerated() {
            let edit = JSONPatchEdit(operation: operation, number: index + 1, limits: limits)
            document = try edit.apply(to: document)
        }
        return document
    }
}

/// One operation of a patch, applied to a document.
private struct JSONPatchEdit {
    let operation: JSONPatch.Operation
    /// The operation's place in the patch, counted from one.
    let number: Int
    let limits: JSONLimits

    func apply(to document: JSONDocument) throws(JSONPatchError) -> JSONDocument {
        switch operation.kind {
        case .remove:
            return try removing(operation.path, from: document)
        case .move:
            guard let from = operation.from else { throw error(.malformed) }
            guard let value = find(from, in: document) else { throw error(.absent, path: from.text) }
            if from == operation.path { return document }
            return try adding(value.text, to: removing(from, from: document))
        case .add, .set, .replace, .increment:
            guard let value = operation.value else { throw error(.malformed) }
            return operation.kind == .increment
                ? try incrementing(by: value, in: document) : try adding(value.text, to: document)
        }
    }

    /// Creates or overwrites what the operation's path names, by the rules of its kind.
    private func adding(_ value: ArraySlice<UInt8>, to document: JSONDocument) throws(JSONPatchError) -> JSONDocument {
        let path = operation.path
        guard let parent = find(path.names.dropLast(), in: document), let name = path.names.last,
            parent.kind == .array || parent.kind == .object
        else { throw error(operation.kind == .replace ? .absent : .noParent) }
        if parent.kind == .object {
            if let old = parent[utf8: name] { return try replacing(old, with: value) }
            guard operation.kind != .replace else { throw error(.absent) }
            return try replacing(parent, with: Self.object(parent, adding: name, value))
        }
        let isEnd = name == [UInt8(ascii: "-")]
        guard let position = isEnd ? parent.count : JSONPointer.position(name) else { throw error(.noParent) }
        let overwrites = operation.kind != .add && operation.kind != .move
        if overwrites, let old = parent[position] { return try replacing(old, with: value) }
        guard position <= parent.count, operation.kind != .replace else {
            throw error(.positionOutOfBounds, path: String(decoding: name, as: UTF8.self))
        }
        return try replacing(parent, with: Self.array(parent, inserting: value, at: position))
    }

    private func incrementing(by value: JSONNode, in document: JSONDocument) throws(JSONPatchError) -> JSONDocument {
        guard let old = find(operation.path, in: document) else { return try adding(value.text, to: document) }
        guard let number = old.double, let step = value.double else { throw error(.notANumber) }
        var writer = JSONWriter()
        if let whole = old.int64, let wholeStep = value.int64, !whole.addingReportingOverflow(wholeStep).overflow {
            writer.number(whole + wholeStep)
        } else {
            guard (number + step).isFinite else { throw error(.numberOutOfRange) }
            writer.number(number + step)
        }
        return try replacing(old, with: writer.bytes[...])
    }

    private func removing(_ path: JSONPointer, from document: JSONDocument) throws(JSONPatchError) -> JSONDocument {
        guard let parent = find(path.names.dropLast(), in: document), let name = path.names.last else {
            throw error(.absent, path: path.text)
        }
        if parent.kind == .object, parent[utf8: name] != nil {
            return try replacing(parent, with: Self.object(parent, removing: name))
        }
        if parent.kind == .array, let position = JSONPointer.position(name) {
            guard position < parent.count else { throw error(.positionOutOfBounds, path: "\(position)") }
            return try replacing(parent, with: Self.array(parent, removingAt: position))
        }
        throw error(.absent, path: path.text)
    }

    private func find(_ pointer: JSONPointer, in document: JSONDocument) -> JSONNode? {
        find(pointer.names[...], in: document)
    }

    private func find(_ names: ArraySlice<[UInt8]>, in document: JSONDocument) -> JSONNode? {
        var node = document.root
        for name in names {
            let child = node.kind == .array ? JSONPointer.position(name).flatMap { node[$0] } : node[utf8: name]
            guard let child else { return nil }
            node = child
        }
        return node
    }

    /// The document with one value's text replaced.
    private func replacing(_ node: JSONNode, with text: ArraySlice<UInt8>) throws(JSONPatchError) -> JSONDocument {
        var whole = node.document.text
        whole.replaceSubrange(node.textRange, with: text)
        // Both texts were valid, so that only nesting can be wrong with the whole.
        do { return try JSONDocument(parsing: whole, limits: limits) } catch { throw self.error(.tooDeep) }
    }

    private func error(_ kind: JSONPatchError.Kind, path: String? = nil) -> JSONPatchError {
        JSONPatchError(kind, operation: number, operationKind: operation.kind, path: path ?? operation.path.text)
    }
}

extension JSONPatchEdit {
    /// An object's text with a member more. Names that a later one hides are left out.
    private static func object(_ object: JSONNode, adding name: [UInt8], _ value: ArraySlice<UInt8>) -> ArraySlice<
        UInt8
    > {
        var writer = JSONWriter()
        writer.beginObject()
        for member in object.memberNodes { writer.member(member) }
        writer.name(String(decoding: name, as: UTF8.self))
        writer.raw(value)
        writer.endObject()
        return writer.bytes[...]
    }

    private static func object(_ object: JSONNode, removing name: [UInt8]) -> ArraySlice<UInt8> {
        var writer = JSONWriter()
        writer.beginObject()
        for member in object.memberNodes where !member.name.isString(name) { writer.member(member) }
        writer.endObject()
        return writer.bytes[...]
    }

    private static func array(
        _ array: JSONNode, inserting value: ArraySlice<UInt8>, at position: Int
    ) -> ArraySlice<UInt8> {
        var writer = JSONWriter()
        writer.beginArray()
        for (index, element) in array.elements.enumerated() {
            if index == position { writer.raw(value) }
            writer.raw(element)
        }
        if position == array.count { writer.raw(value) }
        writer.endArray()
        return writer.bytes[...]
    }

    private static func array(_ array: JSONNode, removingAt position: Int) -> ArraySlice<UInt8> {
        var writer = JSONWriter()
        writer.beginArray()
        for (index, element) in array.elements.enumerated() where index != position { writer.raw(element) }
        writer.endArray()
        return writer.bytes[...]
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ member: (name: JSONNode, value: JSONNode)) {
        name(member.name)
        raw(member.value)
    }
}
