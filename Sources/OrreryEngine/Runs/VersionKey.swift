/// A number as eight bytes that sort as it does: versions, hashes and moments in runs.
struct VersionKey: Sendable {
    private let bytes: InlineArray<8, UInt8>

    init(_ version: UInt64) {
        bytes = InlineArray { index in UInt8(truncatingIfNeeded: version >> UInt64(56 - 8 * index)) }
    }

    var span: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { bytes.span }
    }
}
