internal import OrreryCalendar

/// A unit of the date and time functions.
enum DateTimePart: Sendable {
    case year, month, day, hour, minute, second, millisecond, microsecond, nanosecond

    init?(_ name: String) {
        switch name.lowercased() {
        case "year", "yyyy", "yy": self = .year
        case "month", "mm", "m": self = .month
        case "day", "dd", "d": self = .day
        case "hour", "hh": self = .hour
        case "minute", "mi", "n": self = .minute
        case "second", "ss", "s": self = .second
        case "millisecond", "ms": self = .millisecond
        case "microsecond", "mcs": self = .microsecond
        case "nanosecond", "ns": self = .nanosecond
        default: return nil
        }
    }

    /// The unit's length; nil for months and years, whose length varies, and for the nanosecond, a part of a tick.
    var ticks: Int64? {
        switch self {
        case .year, .month, .nanosecond: nil
        case .day: DateTime.ticksPerDay
        case .hour: 3600 * DateTime.ticksPerSecond
        case .minute: 60 * DateTime.ticksPerSecond
        case .second: DateTime.ticksPerSecond
        case .millisecond: 10_000
        case .microsecond: 10
        }
    }
}

extension DateTime {
    func part(_ part: DateTimePart) -> Int64 {
        let fraction = timeTicks % DateTime.ticksPerSecond
        let seconds = timeTicks / DateTime.ticksPerSecond
        return switch part {
        case .year: date.year
        case .month: date.month
        case .day: date.day
        case .hour: seconds / 3600
        case .minute: seconds / 60 % 60
        case .second: seconds % 60
        case .millisecond: fraction / 10_000
        case .microsecond: fraction / 10
        case .nanosecond: fraction * 100
        }
    }

    /// Months since the year 0, for arithmetic on months and years.
    private var monthNumber: Int64 { date.year * 12 + date.month - 1 }

    /// A later or earlier instant; a day that the month lacks becomes its last.
    func adding(_ count: Int64, _ part: DateTimePart) -> DateTime? {
        switch part {
        case .year, .month:
            let (months, overflow) = count.multipliedReportingOverflow(by: part == .year ? 12 : 1)
            guard !overflow, months.magnitude < 200_000 else { return nil }
            let number = monthNumber + months
            let (year, month) = (number.flooredQuotient(by: 12), number - number.flooredQuotient(by: 12) * 12 + 1)
            let day = min(date.day, CivilDate.dayCount(ofMonth: month, in: year))
            return DateTime(year: year, month: month, day: day, timeTicks: timeTicks)
        case .nanosecond:
            return shifted(by: count.flooredQuotient(by: 100), unit: 1)
        default:
            return shifted(by: count, unit: part.ticks ?? 1)
        }
    }

    private func shifted(by count: Int64, unit: Int64) -> DateTime? {
        let (product, overflow) = count.multipliedReportingOverflow(by: unit)
        let (sum, sumOverflow) = ticks.addingReportingOverflow(product)
        return overflow || sumOverflow ? nil : DateTime(ticks: sum)
    }

    /// How many boundaries of a unit lie between two instants; negative when `end` is the earlier.
    static func difference(_ part: DateTimePart, from start: DateTime, to end: DateTime) -> Int64? {
        switch part {
        case .year: return end.date.year - start.date.year
        case .month: return end.monthNumber - start.monthNumber
        case .nanosecond:
            let (nanoseconds, overflow) = (end.ticks - start.ticks).multipliedReportingOverflow(by: 100)
            return overflow ? nil : nanoseconds
        default:
            let unit = part.ticks ?? 1
            return end.ticks.flooredQuotient(by: unit) - start.ticks.flooredQuotient(by: unit)
        }
    }

    /// The start of the bin of `size` units, counted from `origin`, in which the instant lies.
    func bin(_ part: DateTimePart, size: Int64, origin: DateTime) -> DateTime? {
        guard size > 0 else { return nil }
        switch part {
        case .year, .month:
            let (unit, overflow) = size.multipliedReportingOverflow(by: part == .year ? 12 : 1)
            guard !overflow else { return nil }
            var months = (monthNumber - origin.monthNumber).flooredQuotient(by: unit) * unit
            guard let candidate = origin.adding(months, .month) else { return nil }
            if candidate.ticks > ticks { months -= unit }
            return origin.adding(months, .month)
        case .nanosecond:
            return bin(unit: max(1, size / 100), origin: origin)
        default:
            let (unit, overflow) = size.multipliedReportingOverflow(by: part.ticks ?? 1)
            return overflow ? nil : bin(unit: unit, origin: origin)
        }
    }

    private func bin(unit: Int64, origin: DateTime) -> DateTime? {
        let count = (ticks - origin.ticks).flooredQuotient(by: unit)
        return origin.shifted(by: count, unit: unit)
    }
}
