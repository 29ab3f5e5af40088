internal import OrreryDocuments

/// What an operation costs in request units.
///
/// The model is deterministic: the same work on the same data always costs the same. It is built on the figures the
/// service documents (features and limits, "Request units"): a point read of 1 KB costs 1 and of 100 KB 10; a write of
/// 1 KB costs 5 and of 100 KB 50, before indexing; a replace costs more than a create, for what it takes away.
/// Between the documented figures the cost is a straight line over kilobytes begun.
///
/// | operation | request units |
/// |---|---|
/// | read of an item | 1 + (KB − 1) / 11 |
/// | read answered with 304 | 1 |
/// | create of an item | 5 + 5 (KB − 1) / 11 + 0.3 for each top-level property |
/// | replace, upsert of what was there, patch, delete | 1.5 times the create |
/// | delete by partition key | a delete for each item, of the items' mean size |
/// | page of a feed | 1 + the reads of the items in it |
/// | page of a query | 2 + 1 for each kilobyte of rows |
/// | control plane: read, or a page of a feed | 1 |
/// | control plane: write | 5 |
/// | request that is refused | 0 |
public struct RequestCharge: Sendable, Equatable, AdditiveArithmetic {
    /// The cost in hundredths of a request unit, so that sums are exact.
    public var hundredths: Int

    public init(hundredths: Int) {
        self.hundredths = hundredths
    }

    public static let zero = RequestCharge(hundredths: 0)
    /// What a request costs that failed before it did any work.
    public static let none = zero
    /// The least that any successful operation costs.
    public static let minimum = RequestCharge(hundredths: 100)
    public static let controlPlaneRead = minimum
    public static let controlPlaneWrite = RequestCharge(hundredths: 500)

    /// A point read of an item of that many bytes.
    public static func read(byteCount: Int) -> RequestCharge {
        RequestCharge(hundredths: 100 + (kilobytes(byteCount) - 1) * 100 / 11)
    }

    /// A create of an item of that many bytes, that many of whose top-level properties are indexed.
    public static func create(byteCount: Int, indexedPropertyCount: Int) -> RequestCharge {
        RequestCharge(hundredths: 500 + (kilobytes(byteCount) - 1) * 500 / 11 + indexedPropertyCount * 30)
    }

    /// A replace or delete: the entries of the old version go, too.
    public static func replace(byteCount: Int, indexedPropertyCount: Int) -> RequestCharge {
        let create = create(byteCount: byteCount, indexedPropertyCount: indexedPropertyCount)
        return RequestCharge(hundredths: create.hundredths * 3 / 2)
    }

    /// A page of a query whose rows have that many bytes together.
    public static func query(outputByteCount: Int) -> RequestCharge {
        RequestCharge(hundredths: 200 + (outputByteCount == 0 ? 0 : kilobytes(outputByteCount) * 100))
    }

    /// The number as headers show it, with two decimals at most.
    public var text: String {
        var text: [UInt8] = []
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the number as ``text`` has it.
    public func append(to text: inout [UInt8]) {
        if hundredths < 0 { text.append(UInt8(ascii: "-")) }
        let (whole, rest) = UInt64(hundredths.magnitude).quotientAndRemainder(dividingBy: 100)
        text.append(decimal: whole)
        if rest == 0 { return }
        text.append(UInt8(ascii: "."))
        text.append(decimal: rest / 10)
        if rest % 10 != 0 { text.append(decimal: rest % 10) }
    }

    /// Reads what ``text`` wrote; nil for anything else.
    public init?(text: String) {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard let first = parts.first, let whole = Int(first), whole >= 0, whole < 1 << 40 else { return nil }
        guard parts.count == 2 else {
            self.init(hundredths: whole * 100)
            return
        }
        guard let digits = Int(parts[1]), digits >= 0, parts[1].utf8.count <= 2 else { return nil }
        self.init(hundredths: whole * 100 + (parts[1].utf8.count == 1 ? digits * 10 : digits))
    }

    public static func + (left: RequestCharge, right: RequestCharge) -> RequestCharge {
        RequestCharge(hundredths: left.hundredths + right.hundredths)
    }

    public static func - (left: RequestCharge, right: RequestCharge) -> RequestCharge {
        RequestCharge(hundredths: left.hundredths - right.hundredths)
    }

    private static func kilobytes(_ byteCount: Int) -> Int {
        max(1, (byteCount + 1023) / 1024)
    }
}
