internal import OrreryCalendar

/// A schedule of six fields: second, minute, hour, day of the month, month, day of the week. Each is `*`, a number, a
/// range `a-b`, a list `a,b`, or any of these with a step `/n`; months and days of the week have their English names,
/// too. A moment is due when all six hold.
///
/// `0 0 3 * * *` is every day at three; `0 */5 * * * MON-FRI` is every five minutes on working days.
public struct CronSchedule: Sendable, Equatable {
    private let seconds: [Int]
    private let minutes: [Int]
    private let hours: [Int]
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>

    private static let monthNames = [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ]
    private static let weekdayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
    /// No schedule's moments lie further apart than from one 29 February that is a given day of the week to the next.
    private static let daysAheadMax = 366 * 41

    /// Reads a schedule; nil for what is none.
    public init?(_ text: String) {
        let fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard fields.count == 6, let seconds = Self.values(fields[0], 0...59),
            let minutes = Self.values(fields[1], 0...59),
            let hours = Self.values(fields[2], 0...23), let days = Self.values(fields[3], 1...31),
            let months = Self.values(fields[4], 1...12, names: Self.monthNames, firstName: 1),
            let weekdays = Self.values(fields[5], 0...7, names: Self.weekdayNames, firstName: 0)
        else { return nil }
        self.seconds = seconds.sorted()
        self.minutes = minutes.sorted()
        self.hours = hours.sorted()
        self.days = days
        self.months = months
        // Sunday has two numbers.
        self.weekdays = Set(weekdays.map { $0 % 7 })
    }

    private static func values(
        _ field: Substring, _ range: ClosedRange<Int>, names: [String] = [], firstName: Int = 0
    ) -> Set<Int>? {
        func number(_ text: Substring) -> Int? {
            if let index = names.firstIndex(of: text.uppercased()) { return index + firstName }
            return Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
        var found: Set<Int> = []
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
            guard (1...2).contains(pieces.count) else { return nil }
            var step = 1
            if pieces.count == 2 {
                guard let given = Int(pieces[1]), given > 0 else { return nil }
                step = given
            }
            var bounds = (range.lowerBound, range.upperBound)
            if pieces[0] != "*" {
                let ends = pieces[0].split(separator: "-", omittingEmptySubsequences: false)
                guard (1...2).contains(ends.count), let first = number(ends[0]) else { return nil }
                // A number with a step begins a range to the end.
                bounds = (first, pieces.count == 2 ? range.upperBound : first)
                if ends.count == 2 {
                    guard let last = number(ends[1]), first <= last else { return nil }
                    bounds.1 = last
                }
            }
            found.formUnion(stride(from: bounds.0, through: bounds.1, by: step))
        }
        return found.isEmpty ? nil : found
    }

    /// The first moment after a time, both in seconds since 1970; nil where there is none. Times of day that a change
    /// of the clock leaves out are passed by; those that come twice are due once.
    public func next(afterSeconds time: Int64, in zone: TimeZoneRules) -> Int64? {
        var day = CivilDate(daysSince1970: (time + zone.offsetSeconds(at: time)).flooredQuotient(by: 86_400))
        for _ in 0..<Self.daysAheadMax {
            if months.contains(Int(day.month)), days.contains(Int(day.day)), weekdays.contains(day.weekday) {
                for hour in hours {
                    for minute in minutes {
                        for second in seconds {
                            let local = day.daysSince1970 * 86_400 + Int64(hour * 3600 + minute * 60 + second)
                            if let moment = zone.moment(ofLocalSeconds: local), moment > time { return moment }
                        }
                    }
                }
            }
            day = CivilDate(daysSince1970: day.daysSince1970 + 1)
        }
        return nil
    }
}
