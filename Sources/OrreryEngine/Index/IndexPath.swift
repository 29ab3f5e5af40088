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

/// The stored form: `/` and the name in hexadecimal, or `/[]`, for each step.
extension IndexPath {
    var text: String {
        steps.map { step in
            switch step {
            case .property(let name): "/" + name.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            case .element: "/[]"
            }
        }.joined()
    }

    /// Reads the stored form back; nil when it cannot be read.
    init?(text: Substring) {
        var steps: [Step] = []
        for part in text.split(separator: "/") {
            if part == "[]" {
                steps.append(.element)
            } else if let name = Self.bytes(hexadecimal: part) {
                steps.append(.property(name))
            } else {
                return nil
            }
        }
        self.init(steps)
    }

    private static func bytes(hexadecimal text: Substring) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<(index + 2)], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
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
