internal import OrreryCalendar

/// A time as events have it: RFC 3339 text, known to the microsecond.
public struct EventTime: Sendable, Equatable, Comparable {
    /// Microseconds since 1970 in UTC.
    public let microseconds: Int64

    /// A time by its microseconds since 1970.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// A time by its milliseconds since 1970; nil for one that cannot be written: its year must have four digits.
    init?(milliseconds: Int64) {
        guard Self.writableMilliseconds.contains(milliseconds) else { return nil }
        microseconds = milliseconds * 1000
    }

    /// From the first moment of the year 0 to the last of 9999.
    private static let writableMilliseconds: Range<Int64> = -719_528 * 86_400_000..<2_932_897 * 86_400_000

    /// Whole milliseconds since 1970.
    var milliseconds: Int64 { microseconds.flooredQuotient(by: 1000) }

    /// Reads `2026-11-20T20:04:48.121260Z`, with any number of fractional digits, and `+02:00` in place of `Z`.
    /// - Parameter assumesUTC: takes a text without an offset for UTC, as the service does in its own schema.
    public init?(_ text: String, assumesUTC: Bool = false) {
        var scanner = EventTimeScanner(text.utf8[...])
        guard let date = scanner.date(), scanner.skip("T", "t", " "), let clock = scanner.clock() else { return nil }
        let fraction = scanner.fraction()
        guard let fraction, let offset = scanner.offset(assumesUTC: assumesUTC), scanner.isAtEnd else { return nil }
        microseconds = ((date * 86_400) + clock - offset) * 1_000_000 + fraction
    }

    public static func < (left: EventTime, right: EventTime) -> Bool { left.microseconds < right.microseconds }

    /// The time in UTC with six fractional digits and `Z`.
    public var text: String {
        let seconds = microseconds.flooredQuotient(by: 1_000_000)
        let days = seconds.flooredQuotient(by: 86_400)
        let clock = seconds - days * 86_400
        let date = CivilDate(daysSince1970: days)
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        let day = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
        let time = "\(padded(clock / 3_600, 2)):\(padded(clock / 60 % 60, 2)):\(padded(clock % 60, 2))"
        return "\(day)T\(time).\(padded(microseconds - seconds * 1_000_000, 6))Z"
    }
}

/// Reads the parts of a time one after the other.
private struct EventTimeScanner {
    private var rest: Substring.UTF8View

    init(_ text: Substring.UTF8View) { rest = text }

    var isAtEnd: Bool { rest.isEmpty }

    /// Days since 1970.
    mutating func date() -> Int64? {
        guard let year = digits(4), skip("-"), let month = digits(2), skip("-"), let day = digits(2)
        else { return nil }
        return CivilDate(year: year, month: month, day: day)?.daysSince1970
    }

    /// Seconds of the day; a leap second is the one after the minute's last.
    mutating func clock() -> Int64? {
        guard let hour = digits(2), skip(":"), let minute = digits(2), skip(":"), let second = digits(2),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        return hour * 3_600 + minute * 60 + second
    }

    /// Microseconds; 0 where there is no fraction, nil where a point has no digit behind it.
    mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        var microseconds: Int64 = 0
        var count = 0
        while let digit = digits(1) {
            if count < 6 { microseconds = microseconds * 10 + digit }
            count += 1
        }
        if count == 0 { return nil }
        for _ in min(count, 6)..<6 { microseconds *= 10 }
        return microseconds
    }

    /// Seconds ahead of UTC.
    mutating func offset(assumesUTC: Bool) -> Int64? {
        if isAtEnd { return assumesUTC ? 0 : nil }
        if skip("Z", "z") { return 0 }
        let sign: Int64 = rest.first == UInt8(ascii: "-") ? -1 : 1
        guard skip("+", "-"), let hours = digits(2), skip(":"), let minutes = digits(2), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3_600 + minutes * 60)
    }

    mutating func skip(_ characters: Unicode.Scalar...) -> Bool {
        guard let byte = rest.first, characters.contains(Unicode.Scalar(byte)) else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func digits(_ count: Int) -> Int64? {
        var value: Int64 = 0
        guard rest.count >= count else { return nil }
        for byte in rest.prefix(count) {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        rest = rest.dropFirst(count)
        return value
    }
}
