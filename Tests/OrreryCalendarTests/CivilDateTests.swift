import OrreryCalendar
import Testing

@Suite struct CivilDateTests {
    /// A whole cycle of the calendar on both sides of 1970, and a little more.
    @Test func daysAndDatesAreEachOthersReverse() {
        let last: Int64 = 147_000
        var before = CivilDate(daysSince1970: -last - 1)
        let faults = (-last...last).filter { days in
            let date = CivilDate(daysSince1970: days)
            defer { before = date }
            let isNextDay = (date.year, date.month, date.day) == (before.year, before.month, before.day + 1)
            return date.daysSince1970 != days || CivilDate(year: date.year, month: date.month, day: date.day) != date
                || date.weekday != (before.weekday + 1) % 7 || !(isNextDay || date.day == 1)
        }
        #expect(faults.isEmpty, "the first of them \(faults.first ?? 0) days after 1970")
    }

    @Test(arguments: [
        (0, (1970, 1, 1), 4), (-1, (1969, 12, 31), 3), (11_016, (2000, 2, 29), 2), (20_778, (2026, 11, 21), 6),
        (-719_162, (1, 1, 1), 1),
    ] as [(Int64, (Int64, Int64, Int64), Int)])
    func knownDates(_ days: Int64, _ parts: (Int64, Int64, Int64), _ weekday: Int) throws {
        let date = CivilDate(daysSince1970: days)
        #expect((date.year, date.month, date.day) == parts)
        #expect(date.weekday == weekday)
    }

    @Test(arguments: [(2026, 2, 29), (1900, 2, 29), (2026, 0, 1), (2026, 13, 1), (2026, 4, 31), (2026, 1, 0)]
        as [(Int64, Int64, Int64)])
    func datesThatTheCalendarLacks(_ year: Int64, _ month: Int64, _ day: Int64) {
        #expect(CivilDate(year: year, month: month, day: day) == nil)
    }
}
