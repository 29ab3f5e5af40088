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
        var day = CivilDate(daysSince1970: floorDivide(time + zone.offsetSeconds(at: time), 86_400))
        for _ in 0..<Self.daysAheadMax {
            if months.contains(day.month), days.contains(day.day), weekdays.contains(day.weekday) {
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

/// A date of the Gregorian calendar.
struct CivilDate: Equatable {
    let daysSince1970: Int64
    let year: Int64
    let month: Int
    let day: Int
    /// 0 is Sunday.
    var weekday: Int { Int((daysSince1970 % 7 + 11) % 7) }

    /// Years are counted from March here, so that the day that comes and goes is their last.
    init(daysSince1970 days: Int64) {
        daysSince1970 = days
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
}

func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    a >= 0 ? a / b : -((-a + b - 1) / b)
}
