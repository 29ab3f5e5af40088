/// A kilobyte of the usual mixture, the same in all documents but for their ids and partition keys.
enum BenchDocument: MeasuredDocument {
    static let partitionKeyCount = 1000

    static func partitionKey(_ number: Int) -> String { "customer-\(number % partitionKeyCount)" }

    static func id(_ number: Int) -> String { "order-\(number)" }

    static func bytes(_ number: Int) -> [UInt8] {
        Array(#"{"id":"\#(id(number))","customer":"\#(partitionKey(number))","#.utf8) + rest
    }

    /// What all documents share.
    private static let rest: [UInt8] = {
        let line = #"{"sku":"A-4711","quantity":3,"price":129.95,"tags":["new","blue"],"gift":false}"#
        let address = #"{"street":"1 Long Road","city":"Springfield","zip":"12345","location":[48.1371,11.5754]}"#
        let lines = Array(repeating: line, count: 6).joined(separator: ",")
        let note = String(repeating: "Leave it with the neighbours, please. ", count: 6)
        let text = #""status":"open","total":2339.1,"address":\#(address),"lines":[\#(lines)],"note":"\#(note)"}"#
        return Array(text.utf8)
    }()
}
