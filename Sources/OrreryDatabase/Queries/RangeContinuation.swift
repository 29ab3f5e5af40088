/// Where a query goes on that reads one range after the other: in which range, and where in it. The text is
/// `<range>.<continuation within it>`, with nothing after the point at a range's beginning.
struct RangeContinuation {
    let rangeNumber: UInt64
    let continuation: String?

    init(rangeNumber: UInt64, continuation: String?) {
        self.rangeNumber = rangeNumber
        self.continuation = continuation
    }

    init(_ text: String) throws(DatabaseError) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let number = UInt64(parts[0]) else {
            throw .invalid("The continuation token is malformed or belongs to another query.")
        }
        rangeNumber = number
        continuation = parts[1].isEmpty ? nil : String(parts[1])
    }

    var text: String { "\(rangeNumber).\(continuation ?? "")" }
}
