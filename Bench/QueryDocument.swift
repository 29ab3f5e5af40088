import Foundation

/// The document that queries are measured with: about a kilobyte, with fifteen scalar paths of all kinds.
enum QueryDocument {
    static let stateCount = 5
    /// Documents that share a value of `batch`, and of `lot`.
    static let batchSize = 8
    static let lotSize = 124

    static func partitionKey(_ number: Int) -> String { "customer-\(number / 100)" }

    /// `rank` is unique, and in no order of the numbers.
    static func rank(_ number: Int) -> Int { number &* 7919 % 1_000_003 }

    static func text(_ number: Int) -> String {
        """
        {"id":"q\(number)","customer":"\(partitionKey(number))",\
        "batch":\(number / batchSize),"lot":\(number / lotSize),\
        "rank":\(rank(number)),"state":"state-\(number % stateCount)","total":\(number % 10_000),\
        "at":"2026-01-01T00:00:\(number)Z","name":"name \(number)","city":"city-\(number % 300)",\
        "open":\(number % 2 == 0),"weight":\(number % 977).5,"level":\(number % 7),\
        "address":{"street":"street-\(number % 5000)","zip":"\(10_000 + number % 90_000)"},"note":"\(note)"}
        """
    }

    private static let note = String(repeating: "Leave it with the neighbours, please. ", count: 17)
}
