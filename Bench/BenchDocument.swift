import Foundation

/// The document that everything is measured with: a kilobyte of the usual mixture.
enum BenchDocument {
    static let partitionKeyCount = 1000

    static func partitionKey(_ number: Int) -> String { "customer-\(number % partitionKeyCount)" }

    static func id(_ number: Int) -> String { "order-\(number)" }

    /// The whole text of one document.
    static func text(_ number: Int) -> String {
        start(number) + String(decoding: rest, as: UTF8.self)
    }

    /// Where one document differs from the others.
    static func start(_ number: Int) -> String {
        #"{"id":"\#(id(number))","customer":"\#(partitionKey(number))","#
    }

    /// What all documents share.
    static let rest: [UInt8] = {
        let line = #"{"sku":"A-4711","quantity":3,"price":129.95,"tags":["new","blue"],"gift":false}"#
        let address = #"{"street":"1 Long Road","city":"Springfield","zip":"12345","location":[48.1371,11.5754]}"#
        let lines = Array(repeating: line, count: 6).joined(separator: ",")
        let note = String(repeating: "Leave it with the neighbours, please. ", count: 6)
        let text = #""status":"open","total":2339.1,"address":\#(address),"lines":[\#(lines)],"note":"\#(note)"}"#
        return Array(text.utf8)
    }()
}
