/// A path that is indexed: property names from the root down, and `[]` for the elements of an array.
public struct IndexPath: Sendable, Hashable {
    public enum Step: Sendable, Hashable {
        /// A property, by its name in UTF-8.
        case property([UInt8])
        /// The elements of an array, all of them.
        case element
    }

    public var steps: [Step]

    public init(_ steps: [Step]) {
        self.steps = steps
    }
}

/// A path as sixty-four bits, under the store's secret: what postings are kept by.
///
/// Two paths that share a number would share postings, which a query notices no more than a false candidate, for every
/// candidate is checked against its document; without the secret nobody can choose such paths.
struct IndexPathHash: Sendable, Hashable {
    private(set) var value: UInt64

    init(seed: UInt64) {
        value = seed
    }

    func appending(property name: Span<UInt8>) -> IndexPathHash {
        var checksum = Checksum(seed: value)
        checksum.add(name)
        return IndexPathHash(seed: checksum.value)
    }

    func appendingElement() -> IndexPathHash {
        // No name mixes in this way: a name's words go through the checksum.
        IndexPathHash(seed: (value ^ 0xA5A5_A5A5_5A5A_5A5A) &* 0x9E37_79B9_7F4A_7C15)
    }

    init(seed: UInt64, path: IndexPath) {
        var hash = IndexPathHash(seed: seed)
        for step in path.steps {
            switch step {
            case .property(let name): hash = hash.appending(property: name.span)
            case .element: hash = hash.appendingElement()
            }
        }
        self = hash
    }
}
