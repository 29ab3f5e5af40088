/// Where a walk over ranges, in the order of their keys, goes on.
///
/// A range may be split while a walk is in it. What was behind the walk is then in both children, before the place that
/// it had reached, for versions stay what they are. So the walk goes on in the first child, and keeps in mind where to
/// begin in the other.
public struct RangePosition<Place: Sendable & Equatable>: Sendable, Equatable {
    /// A place in a range.
    public struct Mark: Sendable, Equatable {
        public let rangeNumber: UInt64
        public let place: Place

        public init(rangeNumber: UInt64, place: Place) {
            self.rangeNumber = rangeNumber
            self.place = place
        }
    }

    /// The first tells where the walk is. The others, if any, tell where to begin in what is left of ranges that were
    /// split while it was in them.
    public let marks: [Mark]

    /// The most marks that a client's token may hold: far more than ranges are split while one walk lasts.
    public static var marksMax: Int { 64 }

    /// Nil where there are no marks, or too many.
    public init?(_ marks: [Mark]) {
        guard !marks.isEmpty, marks.count <= Self.marksMax else { return nil }
        self.marks = marks
    }

    private init(_ first: Mark, _ others: [Mark]) {
        marks = [first] + others
    }

    /// A place in one range, and the beginning of all behind it.
    public init(rangeNumber: UInt64, place: Place) {
        marks = [Mark(rangeNumber: rangeNumber, place: place)]
    }

    /// Those of the ranges that the walk has not been through, in their order; nil where it cannot have been in any.
    func rest(of ranges: [PartitionKeyRange]) -> ArraySlice<PartitionKeyRange>? {
        ranges.firstIndex { $0.lineage.contains(marks[0].rangeNumber) }.map { ranges[$0...] }
    }

    /// Where to begin in a range; nil for its beginning.
    func place(in range: PartitionKeyRange) -> Place? {
        mark(for: range)?.place
    }

    private func mark(for range: PartitionKeyRange) -> Mark? {
        for number in range.lineage {
            if let mark = marks.first(where: { $0.rangeNumber == number }) { return mark }
        }
        return nil
    }

    /// A place in a range, with what `position` says of those behind it.
    static func at(
        _ place: Place, in range: PartitionKeyRange, before others: ArraySlice<PartitionKeyRange>,
        keeping position: RangePosition?
    ) -> RangePosition {
        var kept: [Mark] = []
        for other in others {
            if let mark = position?.mark(for: other), !kept.contains(mark) { kept.append(mark) }
        }
        return RangePosition(Mark(rangeNumber: range.number, place: place), kept)
    }
}
