public import OrreryDocuments
internal import OrreryKeys

/// A value as the index orders it: a type, then bytes that sort as the type's values do.
///
/// Types sort as values of different types do (specs/query-language.md, section 3). A number is its double's bits with
/// the sign turned round; a string its UTF-8, cut at ``bytesMax``, so that longer ones share a place and are told apart
/// in their documents; arrays and objects are places without bytes, for what is in them is indexed by path.
public struct IndexValue: Sendable, Hashable, Comparable {
    /// The first byte of the value's encoding (``OrderedValue``).
    let tag: UInt8
    let bytes: [UInt8]

    /// The most bytes of a string that are indexed.
    public static let bytesMax = 240

    init(tag: UInt8, bytes: [UInt8]) {
        self.tag = tag
        self.bytes = bytes
    }

    /// The place of a value.
    public init(_ value: JSONValue) {
        switch value {
        case .null: self.init(tag: OrderedValue.Tag.null.rawValue, bytes: [])
        case .boolean(let flag): self.init(tag: Self.tag(flag), bytes: [])
        case .number(let number): self.init(number: number.double)
        case .string(let text): self.init(string: Array(text.utf8))
        case .array: self.init(tag: OrderedValue.Tag.array.rawValue, bytes: [])
        case .object: self.init(tag: OrderedValue.Tag.object.rawValue, bytes: [])
        }
    }

    /// The place of a number.
    public init(number: Double) {
        let bits = Self.orderedBits(number)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8)
        bytes.append(bigEndian: bits)
        self.init(tag: Self.numberTag, bytes: bytes)
    }

    /// The place of a string, given as its UTF-8.
    public init(string utf8: [UInt8]) {
        self.init(tag: OrderedValue.Tag.string.rawValue, bytes: Array(utf8.prefix(Self.bytesMax)))
    }

    /// The last place of strings that begin with these bytes.
    public init(lastStringBeginningWith utf8: [UInt8]) {
        let prefix = utf8.prefix(Self.bytesMax)
        self.init(tag: OrderedValue.Tag.string.rawValue, bytes: Self.filling(behind: prefix))
    }

    /// The first place of the type of a value.
    public static func first(ofTypeOf value: IndexValue) -> IndexValue {
        IndexValue(tag: value.tag == Self.tag(true) ? Self.tag(false) : value.tag, bytes: [])
    }

    /// The last place of the type of a value.
    public static func last(ofTypeOf value: IndexValue) -> IndexValue {
        let tag = value.tag == Self.tag(false) ? Self.tag(true) : value.tag
        return IndexValue(tag: tag, bytes: filling(behind: []))
    }

    /// The first and the last place of all: where every defined value lies.
    public static let first = IndexValue(tag: 0, bytes: [])
    public static let last = IndexValue(tag: 0xFF, bytes: [])

    /// What is left of all places without some: the ranges between them.
    static func ranges(without values: [IndexValue]) -> [ClosedRange<IndexValue>] {
        var ranges: [ClosedRange<IndexValue>] = []
        var lower = first
        for value in values.sorted() {
            let upper = value.placeBefore
            if lower <= upper { ranges.append(lower...upper) }
            lower = max(lower, value.placeBehind)
        }
        return ranges + [lower...last]
    }

    /// A place before all that sort behind this one: nothing sorts between a place and the same with a zero behind it.
    public var placeBehind: IndexValue { IndexValue(tag: tag, bytes: bytes + [0]) }

    /// A place behind all that sort before this one.
    public var placeBefore: IndexValue {
        var bytes = bytes
        // The last place of the types before, where this is the first of its own.
        guard let end = bytes.popLast() else {
            return IndexValue(tag: max(tag, 1) - 1, bytes: Self.filling(behind: []))
        }
        return IndexValue(tag: tag, bytes: end == 0 ? bytes : Self.filling(behind: bytes + [end - 1]))
    }

    /// The last bytes that begin so, filled up to the size of the longest place.
    private static func filling(behind prefix: some Collection<UInt8>) -> [UInt8] {
        prefix.isEmpty ? filler : prefix + [UInt8](repeating: 0xFF, count: max(0, bytesMax - prefix.count))
    }

    private static let filler = [UInt8](repeating: 0xFF, count: bytesMax)

    /// Whether other values may share this place.
    public var isShared: Bool { Self.isShared(tag: tag, byteCount: bytes.count) }

    static func isShared(tag: UInt8, byteCount: Int) -> Bool {
        switch tag {
        case OrderedValue.Tag.string.rawValue: byteCount >= Self.bytesMax
        case OrderedValue.Tag.array.rawValue, OrderedValue.Tag.object.rawValue: true
        case CompositeIndex.tag: byteCount >= CompositeIndex.bytesMax
        default: false
        }
    }

    /// The one scalar that has this place; nil where several values may.
    public var scalar: IndexComponent? {
        if isShared { return nil }
        switch OrderedValue.Tag(rawValue: tag) {
        case .null: return .null
        case .booleanFalse: return .boolean(false)
        case .booleanTrue: return .boolean(true)
        case .number:
            return .number(Self.number(orderedBits: bytes.reduce(0 as UInt64) { $0 << 8 | UInt64($1) }))
        case .string: return .string(bytes)
        default: return nil
        }
    }

    static func tag(_ flag: Bool) -> UInt8 {
        (flag ? OrderedValue.Tag.booleanTrue : OrderedValue.Tag.booleanFalse).rawValue
    }

    static func orderedBits(_ number: Double) -> UInt64 {
        let bits = (number == 0 ? 0 : number).bitPattern
        return bits >> 63 == 0 ? bits ^ 1 << 63 : ~bits
    }

    static var numberTag: UInt8 { OrderedValue.Tag.number.rawValue }

    /// The number that ``orderedBits(_:)`` made these bits of.
    static func number(orderedBits bits: UInt64) -> Double {
        Double(bitPattern: bits >> 63 == 1 ? bits & ~(1 << 63) : ~bits)
    }

    public static func < (left: IndexValue, right: IndexValue) -> Bool {
        left.tag != right.tag ? left.tag < right.tag : left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
