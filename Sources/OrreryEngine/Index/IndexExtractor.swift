public import OrreryDocuments
internal import OrreryKeys

/// Walks a document and collects what is to be indexed of it.
///
/// Every scalar that the selection covers makes an entry under its path, an array's elements under the path with `[]`;
/// an array or object itself makes one without a value, so that a query can ask whether it is there. Of the system
/// properties only `_ts` is indexed; the service does not index the others either.
public struct IndexExtractor: Sendable {
    let seed: UInt64
    public let selection: IndexSelection
    /// Where the postings of each composite index stand.
    private let compositePaths: [IndexPathHash]

    init(seed: UInt64, selection: IndexSelection) {
        self.seed = seed
        self.selection = selection
        compositePaths = selection.composites.map { $0.path(seed: seed) }
    }

    /// The entries of a document, but for `_ts`, which the commit adds.
    public func entries(of root: JSONNode) -> IndexEntries {
        var found = IndexEntries(selection: selection)
        found.entries.reserveCapacity(32)
        guard root.kind == .object else { return found }
        if !selection.uniqueKeys.isEmpty { found.uniqueHashes = uniqueHashes(of: root) }
        if !selection.composites.isEmpty { addComposites(of: root, to: &found) }
        let base = IndexPathHash(seed: seed)
        let isIncluded = selection.nodes[0].subtree ?? false
        for (name, value) in root.memberNodes where !SystemProperty.isName(name) {
            visit(property: name, value, under: base, Place(rules: 0, isIncluded: isIncluded), &found)
        }
        return found
    }

    /// Where `_ts` is indexed, always.
    var timestampPath: IndexPathHash {
        IndexPathHash(seed: seed, path: IndexPath([.property(SystemProperty.timestamp)]))
    }

    /// Where the walk is among the rules: a node where rules speak of this place or of ones below, and what the last
    /// rule for a subtree said.
    private struct Place {
        var rules: Int?
        var isIncluded: Bool
    }

    private func visit(
        property name: JSONNode, _ value: JSONNode, under parent: IndexPathHash, _ place: Place,
        _ found: inout IndexEntries
    ) {
        var next = Place(rules: nil, isIncluded: place.isIncluded)
        if let rules = place.rules {
            next.rules = selection.nodes[rules].properties.first { name.isString($0.name) }?.node
            if let subtree = next.rules.flatMap({ selection.nodes[$0].subtree }) { next.isIncluded = subtree }
        }
        if next.rules == nil, !next.isIncluded { return }
        guard let path = name.withStringUTF8({ parent.appending(property: $0) }) else { return }
        visit(value, at: path, next, &found)
    }

    private func visit(_ node: JSONNode, at path: IndexPathHash, _ place: Place, _ found: inout IndexEntries) {
        let isIncluded = place.rules.flatMap { selection.nodes[$0].value } ?? place.isIncluded
        switch node.kind {
        case .null:
            if isIncluded { found.add(path, tag: OrderedValue.Tag.null.rawValue) }
        case .boolean:
            if isIncluded { found.add(path, tag: IndexValue.tag(node.boolean ?? false)) }
        case .number:
            if isIncluded {
                found.add(
                    path, tag: OrderedValue.Tag.number.rawValue, head: IndexValue.orderedBits(node.double ?? 0),
                    count: 8)
            }
        case .string:
            if isIncluded {
                _ = node.withStringUTF8 { found.add(path, tag: OrderedValue.Tag.string.rawValue, bytes: $0) }
            }
        case .array:
            if isIncluded { found.add(path, tag: OrderedValue.Tag.array.rawValue) }
            visitElements(of: node, under: path, place, &found)
        case .object:
            if isIncluded { found.add(path, tag: OrderedValue.Tag.object.rawValue) }
            for (name, value) in node.memberNodes { visit(property: name, value, under: path, place, &found) }
        }
    }

    private func visitElements(
        of array: JSONNode, under parent: IndexPathHash, _ place: Place, _ found: inout IndexEntries
    ) {
        var next = Place(rules: nil, isIncluded: place.isIncluded)
        if let rules = place.rules {
            next.rules = selection.nodes[rules].element
            if let subtree = next.rules.flatMap({ selection.nodes[$0].subtree }) { next.isIncluded = subtree }
        }
        if next.rules == nil, !next.isIncluded { return }
        let path = parent.appendingElement()
        for element in array.elements { visit(element, at: path, next, &found) }
    }

    // MARK: Composite indexes

    private func addComposites(of root: JSONNode, to found: inout IndexEntries) {
        for (number, composite) in selection.composites.enumerated() {
            var key = CompositeKey()
            for part in composite.parts {
                if part.path.steps == [.property(SystemProperty.timestamp)] {
                    // The commit fills it in.
                    found.timestampPlaces.append(
                        IndexEntries.TimestampPlace(
                            entry: found.entries.count, offset: key.bytes.count + 1, isDescending: part.isDescending))
                    key.append(.number(0), isDescending: part.isDescending)
                } else {
                    key.append(IndexComponent(root.value(at: part.path)), isDescending: part.isDescending)
                }
            }
            found.add(
                compositePaths[number], tag: CompositeIndex.tag, bytes: key.bytes.span,
                bytesMax: CompositeIndex.bytesMax)
        }
    }
}

extension JSONNode {
    /// What stands at a path of properties.
    func value(at path: IndexPath) -> JSONNode? {
        path.steps.reduce(Optional(self)) { node, step in
            guard case .property(let name) = step else { return nil }
            return node?[utf8: name]
        }
    }
}

extension IndexExtractor {
    /// The entries of a version in the log. A text that is no document has none.
    func entries(of record: borrowing LogRecord) -> IndexEntries {
        guard !selection.isEmpty, !record.header.operation.isTombstone,
            let document = try? JSONDocument(parsing: [UInt8](copying: record.text))
        else { return IndexEntries(selection: selection) }
        return entries(of: document.root)
    }
}
