internal import OrreryCalendar

/// An instant of the proleptic Gregorian calendar in UTC, to 100 ns, in the years 1 to 9999.
///
/// Its text is `yyyy-MM-ddTHH:mm:ss.fffffffZ`; shorter forms are read too, down to `yyyy-MM-dd`, with or without the Z.
struct DateTime: Sendable {
    /// 100 ns since 1970-01-01T00:00:00Z.
    let ticks: Int64

    static let ticksPerSecond: Int64 = 10_000_000
    static let ticksPerDay: Int64 = 86_400 * ticksPerSecond
    /// 0001-01-01 and the last tick of 9999.
    static let range: ClosedRange<Int64> = -621_355_968_000_000_000...2_534_023_007_999_999_999

    init?(ticks: Int64) {
        guard DateTime.range.contains(ticks) else { return nil }
        self.ticks = ticks
    }

    init?(year: Int64, month: Int64, day: Int64, timeTicks: Int64 = 0) {
        guard (1...9999).contains(year), let date = CivilDate(year: year, month: month, day: day),
            (0..<DateTime.ticksPerDay).contains(timeTicks)
        else { return nil }
        ticks = date.daysSince1970 * DateTime.ticksPerDay + timeTicks
    }

    // MARK: Fields

    var dayNumber: Int64 { ticks.flooredQuotient(by: DateTime.ticksPerDay) }
    var timeTicks: Int64 { ticks - dayNumber * DateTime.ticksPerDay }

    var date: CivilDate { CivilDate(daysSince1970: dayNumber) }

    // MARK: Text

    init?(parsing text: String) {
        var reader = DateTimeReader(Array(text.utf8))
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
            let day = reader.digits(2)
        else { return nil }
        var time: Int64 = 0
        if reader.take("T") {
            guard let hour = reader.digits(2), hour < 24, reader.take(":"), let minute = reader.digits(2), minute < 60
            else { return nil }
            time = (hour * 60 + minute) * 60 * DateTime.ticksPerSecond
            if reader.take(":") {
                guard let second = reader.digits(2), second < 60 else { return nil }
                time += second * DateTime.ticksPerSecond
                if reader.take(".") {
                    guard let fraction = reader.fraction() else { return nil }
                    time += fraction
                }
            }
            _ = reader.take("Z")
        }
        guard reader.isAtEnd else { return nil }
        self.init(year: year, month: month, day: day, timeTicks: time)
    }

    var text: String {
        let date = date
        let seconds = timeTicks / DateTime.ticksPerSecond
        let pad = DateTime.padded
        return "\(pad(date.year, 4))-\(pad(date.month, 2))-\(pad(date.day, 2))T\(pad(seconds / 3600, 2))"
            + ":\(pad(seconds / 60 % 60, 2)):\(pad(seconds % 60, 2)).\(pad(timeTicks % DateTime.ticksPerSecond, 7))Z"
    }

    static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

/// Reads the fields of a date and time from the left.
private struct DateTimeReader {
    let bytes: [UInt8]
    var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func take(_ sign: Unicode.Scalar) -> Bool {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: sign) else { return false }
        offset += 1
        return true
    }

    mutating func digits(_ count: Int) -> Int64? {
        guard offset + count <= bytes.count else { return nil }
        var number: Int64 = 0
        for byte in bytes[offset..<offset + count] {
            guard Lexer.isDigit(byte) else { return nil }
            number = number * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        offset += count
        return number
    }

    /// One to seven digits after the point, as ticks.
    mutating func fraction() -> Int64? {
        var ticks: Int64 = 0
        var count = 0
        while offset < bytes.count, Lexer.isDigit(bytes[offset]), count < 7 {
            ticks = ticks * 10 + Int64(bytes[offset] - UInt8(ascii: "0"))
            offset += 1
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in count..<7 { ticks *= 10 }
        return ticks
    }
}
