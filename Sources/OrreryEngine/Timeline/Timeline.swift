/// Which course of events a partition's LSNs belong to.
///
/// Under relaxed durability a crash takes back what was acknowledged last, and the LSNs that it had are given again, to
/// other commits. So after such a crash a new timeline begins, and an LSN means a commit only together with the number
/// of its timeline. Under strict durability there is but one.
public struct Timeline: Sendable, Equatable {
    /// The last LSNs of the timelines before this one that were not taken back.
    let ends: [UInt64]

    static let first = Timeline(ends: [])

    /// 0 for the first.
    public var number: Int { ends.count }

    /// The timeline after a crash that left the commits up to an LSN.
    func next(after lsn: UInt64) -> Timeline {
        Timeline(ends: ends + [lsn])
    }

    /// Whether a commit of some timeline is still there, as far as LSNs tell: it is of this one, whether or not it was
    /// reached, or was not taken back since.
    public func keeps(lsn: UInt64, ofTimeline other: Int) -> Bool {
        guard other < number else { return other == number }
        return lsn <= ends[max(other, 0)]
    }
}
