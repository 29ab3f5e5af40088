import OrreryDatabase

/// Where a change feed goes on: the LSN reached in each range that it reads.
///
/// On the wire it is an LSN where the feed reads one range, as the service has it. Where it reads several, or goes on
/// where one was split, it is `<range>:<lsn>` of each, joined by commas; the first is read next, so that each has its
/// turn.
struct ChangeFeedPosition: Sendable, Equatable {
    struct Mark: Sendable, Equatable {
        let rangeNumber: UInt64
        var lsn: UInt64
    }

    /// Of those ranges that no mark is of, nor of any that they were split from; nil for none.
    private let lsnOfOthers: UInt64?
    private(set) var marks: [Mark]

    /// The most ranges that a token may name.
    private static let marksMax = 4096

    /// The same LSN in all ranges.
    init(lsn: UInt64) {
        (lsnOfOthers, marks) = (lsn, [])
    }

    init(_ marks: [Mark]) {
        (lsnOfOthers, self.marks) = (nil, marks)
    }

    /// Reads a token; nil for one that no feed gave out.
    init?(_ text: String) {
        if let lsn = UInt64(text) {
            self.init(lsn: lsn)
            return
        }
        var marks: [Mark] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let fields = part.split(separator: ":", omittingEmptySubsequences: false).map { UInt64($0) }
            guard fields.count == 2, let rangeNumber = fields[0], let lsn = fields[1], marks.count < Self.marksMax
            else { return nil }
            marks.append(Mark(rangeNumber: rangeNumber, lsn: lsn))
        }
        self.init(marks)
    }

    var text: String {
        if let lsnOfOthers { return String(lsnOfOthers) }
        return marks.count == 1 ? String(marks[0].lsn)
            : marks.map { "\($0.rangeNumber):\($0.lsn)" }.joined(separator: ",")
    }

    /// The position in these ranges, each where the feed was in it or in the one that it was split from. Nil where the
    /// feed cannot have been in one of them.
    func resolved(in ranges: [PartitionKeyRange]) -> ChangeFeedPosition? {
        var found: [(place: Int, index: Int, mark: Mark)] = []
        for (index, range) in ranges.enumerated() {
            let place = range.lineage.lazy.compactMap { number in marks.firstIndex { $0.rangeNumber == number } }.first
            guard let lsn = place.map({ marks[$0].lsn }) ?? lsnOfOthers else { return nil }
            found.append((place ?? marks.count, index, Mark(rangeNumber: range.number, lsn: lsn)))
        }
        // Ranges that were not told apart yet stay in the order of their keys.
        return ChangeFeedPosition(found.sorted { ($0.place, $0.index) < ($1.place, $1.index) }.map(\.mark))
    }

    /// Further on in one range. Where that gives the others their turn it is read last from then on.
    mutating func advance(_ rangeNumber: UInt64, to lsn: UInt64, givesTurn: Bool) {
        guard let index = marks.firstIndex(where: { $0.rangeNumber == rangeNumber }) else { return }
        marks[index].lsn = lsn
        if givesTurn { marks.append(marks.remove(at: index)) }
    }

    /// As above.
    func advanced(_ rangeNumber: UInt64, to lsn: UInt64) -> ChangeFeedPosition {
        var next = self
        next.advance(rangeNumber, to: lsn, givesTurn: false)
        return next
    }
}
