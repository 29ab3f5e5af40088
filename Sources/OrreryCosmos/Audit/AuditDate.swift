import OrreryHTTP

/// A moment as the audit trail writes it: its day, which is the partition key, and the time to the second, in UTC.
struct AuditDate: Equatable {
    /// `2026-11-20`
    let day: String
    /// `2026-11-20T23:40:00Z`
    let time: String

    init(seconds: Int64) {
        // "Fri, 20 Nov 2026 23:40:00 GMT"
        let text = Array(HTTPDate.text(seconds: seconds).utf8)
        func field(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let month = (months.firstIndex(of: field(8..<11)) ?? 0) + 1
        day = "\(field(12..<16))-\(month < 10 ? "0" : "")\(month)-\(field(5..<7))"
        time = "\(day)T\(field(17..<25))Z"
    }
}
