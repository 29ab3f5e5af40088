internal import OrreryCalendar

/// Dates and times by a pattern of the Unicode locale data markup: `yyyy-MM-dd HH:mm:ss.SSS`, literals in quotes.
enum DateTimeFormat {
    /// The text, or nil when the pattern has a letter without a meaning.
    static func text(of dateTime: DateTime, format: String) -> String? {
        var result = ""
        var rest = Substring(format)
        while let first = rest.first {
            if first == "'" {
                rest.removeFirst()
                guard let end = rest.firstIndex(of: "'") else { return nil }
                result += end == rest.startIndex ? "'" : String(rest[..<end])
                rest = rest[rest.index(after: end)...]
            } else if first.isASCII, first.isLetter {
                let run = rest.prefix { $0 == first }
                guard let field = field(first, run.count, of: dateTime) else { return nil }
                result += field
                rest = rest.dropFirst(run.count)
            } else {
                result.append(first)
                rest.removeFirst()
            }
        }
        return result
    }

    private static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let dayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    private static func field(_ letter: Character, _ width: Int, of dateTime: DateTime) -> String? {
        let date = dateTime.date
        let hour = dateTime.part(.hour)
        let fraction = DateTime.padded(dateTime.timeTicks % DateTime.ticksPerSecond, 7)
        switch letter {
        case "y": return width == 2 ? DateTime.padded(date.year % 100, 2) : DateTime.padded(date.year, width)
        case "M" where width >= 3:
            let name = monthNames[Int(date.month - 1)]
            return width == 3 ? String(name.prefix(3)) : name
        case "M": return DateTime.padded(date.month, width)
        case "d": return DateTime.padded(date.day, width)
        case "E":
            let name = dayNames[date.weekday]
            return width >= 4 ? name : String(name.prefix(3))
        case "H": return DateTime.padded(hour, width)
        case "h": return DateTime.padded(hour % 12 == 0 ? 12 : hour % 12, width)
        case "a", "t": return hour < 12 ? "AM" : "PM"
        case "m": return DateTime.padded(dateTime.part(.minute), width)
        case "s": return DateTime.padded(dateTime.part(.second), width)
        case "S", "f": return String((fraction + String(repeating: "0", count: max(0, width - 7))).prefix(width))
        case "z", "Z", "X", "K": return "Z"
        default: return nil
        }
    }
}
