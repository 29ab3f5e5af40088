internal import OrreryQuery

/// Where a query goes on that reads one range after the other: in which range, and with which continuation there; empty
/// for the range's beginning.
typealias QueryPosition = RangePosition<String>

/// The text is `<range>.<continuation within it>`, behind commas the same of ranges that were split meanwhile.
extension RangePosition<String> {
    init(text: String) throws(DatabaseError) {
        var marks: [Mark] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let fields = part.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            guard fields.count == 2, let number = UInt64(fields[0]), marks.count < Self.marksMax else {
                throw Self.invalid
            }
            marks.append(Mark(rangeNumber: number, place: String(fields[1])))
        }
        guard let position = Self(marks) else { throw Self.invalid }
        self = position
    }

    private static var invalid: DatabaseError { .badQuery(.badContinuation) }

    var text: String { marks.map { "\($0.rangeNumber).\($0.place)" }.joined(separator: ",") }
}
