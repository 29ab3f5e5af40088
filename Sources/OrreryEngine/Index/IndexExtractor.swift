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
    public func entries(of document: JSONDocument) -> IndexEntries {
        let root = document.root
        var found = IndexEntries(selection: selection)
        found.entries.reserveCapacity(32)
        guard root.kind == .object else { return found }
        if !selection.uniqueKeys.isEmpty { found.uniqueHashes = uniqueHashes(of: root) }
        if !selection.composites.isEmpty { addComposites(of: root, to: &found) }
        let place = Place(rules: 0, isIncluded: selection.nodes[0].subtree ?? false)
        let walk = document.walk
        visitMembers(of: JSONWalk.root, walk, at: IndexPathHash(seed: seed), place, isRoot: true, &found)
        found.finish()
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
        _ value: Int, _ walk: borrowing JSONWalk, at path: IndexPathHash, _ place: Place, _ found: inout IndexEntries
    ) {
        let isIncluded = place.rules.flatMap { selection.nodes[$0].value } ?? place.isIncluded
        switch walk.kind(value) {
        case .null:
            if isIncluded { found.add(path, tag: OrderedValue.Tag.null.rawValue) }
        case .boolean:
            if isIncluded { found.add(path, tag: IndexValue.tag(walk.isTrue(value))) }
        case .number:
            if isIncluded {
                found.add(
                    path, tag: OrderedValue.Tag.number.rawValue, head: IndexValue.orderedBits(walk.double(value)),
                    count: 8)
            }
        case .string:
            if isIncluded {
                let tag = OrderedValue.Tag.string.rawValue
                if walk.hasEscapes(value) {
                    found.add(path, tag: tag, bytes: walk.decoded(value).span)
                } else {
                    found.add(path, tag: tag, bytes: walk.content(value))
                }
            }
        case .array:
            if isIncluded { found.add(path, tag: OrderedValue.Tag.array.rawValue) }
            visitElements(of: value, walk, under: path, place, &found)
        case .object:
            if isIncluded { found.add(path, tag: OrderedValue.Tag.object.rawValue) }
            visitMembers(of: value, walk, at: path, place, isRoot: false, &found)
        }
    }

    /// - Parameter isRoot: whether system properties may be among them, which are left out.
    private func visitMembers(
        of object: Int, _ walk: borrowing JSONWalk, at parent: IndexPathHash, _ place: Place, isRoot: Bool,
        _ found: inout IndexEntries
    ) {
        var name = walk.firstChild(of: object)
        let end = walk.end(of: object)
        while name < end {
            let value = name + 1
            defer { name = walk.next(after: value) }
            if walk.isHidden(name) { continue }
            if walk.hasEscapes(name) {
                visit(property: walk.decoded(name).span, value, walk, at: parent, place, isRoot, &found)
            } else {
                visit(property: walk.content(name), value, walk, at: parent, place, isRoot, &found)
            }
        }
    }

    private func visit(
        property name: Span<UInt8>, _ value: Int, _ walk: borrowing JSONWalk, at parent: IndexPathHash, _ place: Place,
        _ isRoot: Bool, _ found: inout IndexEntries
    ) {
        if isRoot, SystemProperty.isName(name) { return }
        var next = Place(rules: nil, isIncluded: place.isIncluded)
        if let rules = place.rules {
            next.rules = selection.nodes[rules].child(name)
            if let subtree = next.rules.flatMap({ selection.nodes[$0].subtree }) { next.isIncluded = subtree }
        }
        if next.rules == nil, !next.isIncluded { return }
        visit(value, walk, at: parent.appending(property: name), next, &found)
    }

    private func visitElements(
        of array: Int, _ walk: borrowing JSONWalk, under parent: IndexPathHash, _ place: Place,
        _ found: inout IndexEntries
    ) {
        var next = Place(rules: nil, isIncluded: place.isIncluded)
        if let rules = place.rules {
            next.rules = selection.nodes[rules].element
            if let subtree = next.rules.flatMap({ selection.nodes[$0].subtree }) { next.isIncluded = subtree }
        }
        if next.rules == nil, !next.isIncluded { return }
        found.expectRepetitions()
        let path = parent.appendingElement()
        var element = walk.firstChild(of: array)
        let end = walk.end(of: array)
        while element < end {
            visit(element, walk, at: path, next, &found)
            element = walk.next(after: element)
        }
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
    /// What stands at a path of properties; nil where nothing does.
    public func value(at path: IndexPath) -> JSONNode? {
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
        return entries(of: document)
    }
}
