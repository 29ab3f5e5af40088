internal import OrreryDocuments
internal import OrreryKeys

/// Several properties as one ordered value, each rising or falling: what an ORDER BY of several properties is served
/// from. Every item has a place in it; a property that is missing counts as undefined.
public struct CompositeIndex: Sendable, Hashable {
    /// One property of it.
    public struct Part: Sendable, Hashable {
        /// Properties only, from the root down.
        public var path: IndexPath
        public var isDescending: Bool

        public init(path: IndexPath, isDescending: Bool) {
            self.path = path
            self.isDescending = isDescending
        }
    }

    public let parts: [Part]

    /// The most bytes of a place. What is longer is cut, and shares its place.
    public static let bytesMax = 480

    /// - Returns: nil where a part cannot be indexed: it names an array's elements, or what the commit alone knows.
    public init?(_ parts: [Part]) {
        for part in parts {
            for case .element in part.path.steps { return nil }
            guard case .property(let name)? = part.path.steps.first, !SystemProperty.isNeverIndexed(name) else {
                return nil
            }
        }
        self.parts = parts
    }

    /// Where the first properties have these values: the places in the order of the index, or the place itself where
    /// all are given.
    public func values(beginningWith components: [IndexComponent]) -> ClosedRange<IndexValue> {
        first(at: components)...last(at: components)
    }

    /// The first place at which the first properties have these values.
    public func first(at components: [IndexComponent]) -> IndexValue {
        IndexValue(tag: Self.tag, bytes: key(of: components).bytes)
    }

    /// The last place at which the first properties have these values.
    public func last(at components: [IndexComponent]) -> IndexValue {
        let key = key(of: components)
        let rest = key.isWhole && components.count == parts.count ? 0 : Self.bytesMax - key.bytes.count
        return IndexValue(tag: Self.tag, bytes: key.bytes + [UInt8](repeating: 0xFF, count: rest))
    }

    private func key(of components: [IndexComponent]) -> CompositeKey {
        var key = CompositeKey()
        for (part, component) in zip(parts, components) { key.append(component, isDescending: part.isDescending) }
        return key
    }

    /// No value of a single path has this tag.
    static let tag: UInt8 = 0x10

    /// Where its postings stand: a root that is an array is no item's. The name is its stored form, which holds more
    /// than the one byte of a unique key's.
    func path(seed: UInt64) -> IndexPathHash {
        IndexPathHash(seed: seed).appendingElement().appending(property: Array(text.utf8).span)
    }
}

/// One property's value within a composite index.
public enum IndexComponent: Sendable, Hashable {
    case undefined, null
    case boolean(Bool)
    case number(Double)
    /// As UTF-8.
    case string([UInt8])
    /// All strings that begin so; nothing may follow it.
    case stringPrefix([UInt8])
    case array, object

    init(_ node: JSONNode?) {
        switch node?.kind {
        case nil: self = .undefined
        case .null: self = .null
        case .boolean: self = .boolean(node?.boolean ?? false)
        case .number: self = .number(node?.double ?? 0)
        case .string: self = .string(node?.stringBytes ?? [])
        case .array: self = .array
        case .object: self = .object
        }
    }
}

/// A place in a composite index as it grows: the ordered encodings of the values end to end (``OrderedValue``), those
/// that fall with all bits inverted.
///
/// Of an array or object only the type is known, so nothing behind it could be in order: the place is filled up to its
/// limit, as one that is cut there is. Such places are shared by different values.
struct CompositeKey {
    private(set) var bytes: [UInt8] = []
    /// Whether all that was appended is told exactly.
    private(set) var isWhole = true

    mutating func append(_ component: IndexComponent, isDescending: Bool) {
        guard isWhole else { return }
        let start = bytes.count
        switch component {
        case .undefined: bytes.append(OrderedValue.Tag.undefined.rawValue)
        case .null: bytes.append(OrderedValue.Tag.null.rawValue)
        case .boolean(let flag): bytes.append(IndexValue.tag(flag))
        case .number(let number): OrderedValue.append(number: number, to: &bytes)
        case .string(let utf8): OrderedValue.append(string: utf8, to: &bytes)
        case .stringPrefix(let utf8):
            OrderedValue.append(string: utf8, to: &bytes)
            bytes.removeLast(2)
            isWhole = false
        case .array: bytes.append(OrderedValue.Tag.array.rawValue)
        case .object: bytes.append(OrderedValue.Tag.object.rawValue)
        }
        if isDescending { for index in start..<bytes.count { bytes[index] = ~bytes[index] } }
        if component == .array || component == .object {
            bytes += [UInt8](repeating: 0, count: max(0, CompositeIndex.bytesMax - bytes.count))
        }
        if bytes.count >= CompositeIndex.bytesMax {
            bytes.removeLast(bytes.count - CompositeIndex.bytesMax)
            isWhole = false
        }
    }
}

// MARK: - Stored form

extension CompositeIndex {
    /// `/61/62+,/63-`: the paths with their names in hexadecimal, then `+` for rising and `-` for falling.
    var text: String {
        parts.map { $0.path.text + ($0.isDescending ? "-" : "+") }.joined(separator: ",")
    }

    /// Reads the stored form back; nil when it cannot be read.
    init?(text: Substring) {
        var parts: [Part] = []
        for piece in text.split(separator: ",") {
            guard let path = IndexPath(text: piece.dropLast()), piece.last == "+" || piece.last == "-" else {
                return nil
            }
            parts.append(Part(path: path, isDescending: piece.last == "-"))
        }
        self.init(parts)
    }
}
