internal import OrreryDocuments
internal import OrreryKeys

/// Properties whose values together no two items of a partition key may share.
public struct UniqueKey: Sendable, Equatable {
    /// Properties only, from the root down.
    public var paths: [IndexPath]

    public init(_ paths: [IndexPath]) {
        self.paths = paths
    }
}

/// Unique keys stand among the postings: under a path that no document has, by the place of the partition key and a
/// hash of the values. What is found there is verified in the documents, for hashes can meet.
extension IndexExtractor {
    /// The hash of each unique key's values, in the order of the selection.
    func uniqueHashes(of root: JSONNode) -> [UInt64] {
        selection.uniqueKeys.indices.map { number in
            var checksum = Checksum(seed: seed)
            checksum.add(uniqueValues(number, of: root).span)
            return checksum.value
        }
    }

    /// The values of a unique key, in a form in which equal ones have equal bytes. What is missing counts as null
    /// (features and limits, "Indexing policy").
    func uniqueValues(_ number: Int, of root: JSONNode) -> [UInt8] {
        var bytes: [UInt8] = []
        for path in selection.uniqueKeys[number].paths {
            Self.append(root.value(at: path), to: &bytes)
        }
        return bytes
    }

    /// The values of a unique key of a stored text.
    func uniqueValues(_ number: Int, ofText text: [UInt8]) -> [UInt8]? {
        (try? JSONDocument(parsing: text)).map { uniqueValues(number, of: $0.root) }
    }

    private static func append(_ value: JSONNode?, to bytes: inout [UInt8]) {
        let content: (tag: OrderedValue.Tag, bytes: [UInt8])
        switch value?.kind {
        case nil, .null: content = (.null, [])
        case .boolean: content = (value?.boolean == true ? .booleanTrue : .booleanFalse, [])
        case .number: content = (.number, IndexValue(number: value?.double ?? 0).bytes)
        case .string: content = (.string, value?.stringBytes ?? [])
        // Told apart by how they are written.
        case .array: content = (.array, value.map { Array($0.text) } ?? [])
        case .object: content = (.object, value.map { Array($0.text) } ?? [])
        }
        bytes.append(content.tag.rawValue)
        for shift in stride(from: 24, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: content.bytes.count >> shift))
        }
        bytes += content.bytes
    }

    /// Where a unique key's postings stand: a root that is an array is no item's.
    func uniquePath(_ number: Int) -> IndexPathHash {
        IndexPathHash(seed: seed).appendingElement()
            .appending(property: [UInt8(truncatingIfNeeded: number)].span)
    }
}

/// A unique key's values in one partition key, as far as the index knows it.
struct UniqueKeyPlace: Sendable, Hashable {
    let number: Int
    let order: KeyOrder
    let hash: UInt64

    var value: IndexValue {
        var bytes: [UInt8] = []
        for word in [order.high, order.low, hash] { bytes.append(bigEndian: word) }
        return IndexValue(string: bytes)
    }
}

extension View {
    /// The live versions at a place, ascending within each source.
    func versions(at place: UniqueKeyPlace, path: IndexPathHash) throws(EngineError) -> [UInt64] {
        let value = place.value
        let range = PostingRange(path, value...value)
        var found: [UInt64] = []
        for flushed in runs { found += try flushed.run.versions(range, after: 0) }
        for batch in (frozen + [active]).flatMap(\.batches) {
            found += try batch.versions(range, after: 0)
        }
        return found.filter { isLive($0) }
    }
}
