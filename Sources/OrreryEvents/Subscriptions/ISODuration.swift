/// Durations as the control plane writes them (ISO 8601), of days, hours, minutes and seconds.
enum ISODuration {
    /// The whole minutes of a text such as `P7D` or `PT1H30M`; nil where it is none.
    static func minutes(_ text: String) -> Int? {
        var rest = text.utf8[...]
        guard rest.popFirst() == UInt8(ascii: "P"), !rest.isEmpty else { return nil }
        var isTime = false
        var seconds = 0
        var number: Int?
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "T") where !isTime && number == nil: isTime = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let (next, overflow) = (number ?? 0).multipliedReportingOverflow(by: 10)
                guard !overflow, next < 1_000_000 else { return nil }
                number = next + Int(byte - UInt8(ascii: "0"))
            default:
                let units: [UInt8: Int] =
                    isTime
                    ? [UInt8(ascii: "H"): 3600, UInt8(ascii: "M"): 60, UInt8(ascii: "S"): 1]
                    : [UInt8(ascii: "D"): 86_400, UInt8(ascii: "W"): 604_800]
                guard let value = number, let unit = units[byte] else { return nil }
                seconds += value * unit
                number = nil
            }
        }
        return number == nil ? seconds / 60 : nil
    }
}
