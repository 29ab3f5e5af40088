internal import OrreryCalendar

/// A date as HTTP headers write it, such as `Fri, 20 Nov 2026 23:40:00 GMT` (RFC 9110, section 5.6.7, IMF-fixdate).
public enum HTTPDate {
    /// Seconds since 1970 of such a date; nil for any other text. Names of months are read in any case, the day of the
    /// week is not looked at.
    public static func seconds(_ text: some Collection<UInt8>) -> Int64? {
        let bytes = Array(text)
        // "Fri, 20 Nov 2026 23:40:00 GMT": every field stands at a fixed place.
        guard bytes.count == 29, bytes[3] == UInt8(ascii: ","), bytes[19] == bytes[22] else { return nil }
        guard bytes[26...].map(lowercased).elementsEqual("gmt".utf8) else { return nil }
        let monthName = bytes[8..<11].map(lowercased)
        guard let day = number(bytes[5..<7]), let year = number(bytes[12..<16]),
            let hour = number(bytes[17..<19]), let minute = number(bytes[20..<22]),
            let second = number(bytes[23..<25]),
            let monthIndex = monthNames.firstIndex(where: { monthName.elementsEqual($0.utf8.map(lowercased)) })
        else { return nil }
        guard let date = CivilDate(year: year, month: Int64(monthIndex) + 1, day: day), (0..<24).contains(hour),
            (0..<60).contains(minute), (0...60).contains(second)
        else { return nil }
        return date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second
    }

    /// The date of an instant given in seconds since 1970.
    public static func text(seconds: Int64) -> String {
        let days = seconds.flooredQuotient(by: 86_400)
        let rest = seconds - days * 86_400
        let date = CivilDate(daysSince1970: days)
        return "\(weekdays[date.weekday]), \(twoDigits(date.day)) \(monthNames[Int(date.month) - 1]) \(date.year) "
            + "\(twoDigits(rest / 3600)):\(twoDigits(rest / 60 % 60)):\(twoDigits(rest % 60)) GMT"
    }

    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func twoDigits(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
