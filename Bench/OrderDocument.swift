/// The document that common queries are measured with: an order of a shop, about a kilobyte, with lines in an array,
/// tags, a few members that only some orders have, and values of all distributions.
enum OrderDocument: MeasuredDocument {
    static func id(_ number: Int) -> String { "o\(number)" }

    static func partitionKey(_ number: Int) -> String { "customer-\(number / 100)" }

    private static let statuses = ["delivered", "delivered", "delivered", "delivered", "shipped", "cancelled"]
    private static let channels = ["web", "web", "web", "store", "phone"]

    /// A minute after the order before, from the beginning of 2026 on; months have 28 days.
    static func createdAt(_ number: Int) -> String {
        let (minutes, days) = (number % 1440, number / 1440)
        let date = "\(2026 + days / 336)-\(twoDigits(days / 28 % 12 + 1))-\(twoDigits(days % 28 + 1))"
        return "\(date)T\(twoDigits(minutes / 60)):\(twoDigits(minutes % 60)):00Z"
    }

    static func bytes(_ number: Int) -> [UInt8] {
        let scattered = number &* 7919
        // The last orders are on their way, those before have arrived for the most part.
        let status = number % 200 == 7 ? "placed" : statuses[scattered % statuses.count]
        let lines = (0...(scattered % 4)).map { line in
            let sku = (scattered + line * 1327) % 5000
            return #"{"sku":"sku-\#(sku)","quantity":\#((number + line) % 9 + 1),"price":\#(sku % 400 + 1).5}"#
        }
        let tags = (0..<(number % 4)).map { #""tag-\#((scattered + $0 * 11) % 40)""# }
        // One in fifty came with a coupon; one in six was cancelled, and tells when.
        let coupon = number % 50 == 0 ? #""coupon":"SPRING-\#(number % 700)","# : ""
        let cancelledAt = status == "cancelled" ? "\"\(createdAt(number + 60))\"" : "null"
        return Array(
            """
            {"id":"\(id(number))","customer":"\(partitionKey(number))","status":"\(status)",\
            "createdAt":"\(createdAt(number))","cancelledAt":\(cancelledAt),\
            "channel":"\(channels[scattered / 7 % channels.count])","country":"country-\(scattered / 13 % 30)",\
            "total":\(scattered % 100_000 / 100).\(twoDigits(scattered % 100)),\(coupon)\
            "address":{"city":"city-\(scattered % 500)","zip":"\(10_000 + scattered % 90_000)"},\
            "gift":\(number % 8 == 0),"lines":[\(lines.joined(separator: ","))],\
            "tags":[\(tags.joined(separator: ","))],"note":"\(note)"}
            """.utf8)
    }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

    private static let note = String(repeating: "Leave it with the neighbours, please. ", count: 12)
}
