import OrreryDocuments
import OrreryKeys

@testable import OrreryQuery

/// Runs queries over documents in memory.
enum QueryRun {
    /// A signature good enough for tests.
    static let sign: @Sendable ([UInt8]) -> [UInt8] = { bytes in
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return (0..<16).map { UInt8(truncatingIfNeeded: hash >> UInt64($0 % 8 * 8)) }
    }

    static func documents(_ values: [JSONValue]) throws -> [JSONDocument] {
        try values.map { try JSONDocument(parsing: $0.text) }
    }

    /// All rows, gathered page by page.
    static func rows(
        _ text: String, over documents: [JSONDocument] = [], parameters: QueryParameters = QueryParameters(),
        rowCountMax: Int? = nil, passes: [Optimizer.Pass] = Optimizer.Pass.allCases, limits: QueryLimits = QueryLimits()
    ) throws -> [JSONValue] {
        let query = try Query(text, parameters: parameters, limits: limits)
        return try rows(of: query, over: documents, rowCountMax: rowCountMax, passes: passes)
    }

    static func rows(
        of query: Query, over documents: [JSONDocument], rowCountMax: Int? = nil,
        passes: [Optimizer.Pass] = Optimizer.Pass.allCases
    ) throws -> [JSONValue] {
        let plan = try query.physicalPlan(passes: passes)
        var options = QueryPageOptions(sign: sign)
        options.rowCountMax = rowCountMax
        var rows: [JSONValue] = []
        var pageCount = 0
        repeat {
            var source = DocumentList(documents)
            let page = try query.page(over: &source, plan: SharedPlan(plan), options: options)
            rows += try self.rows(of: page)
            options.continuation = page.continuation
            pageCount += 1
            if pageCount > 10_000 { throw QueryError(.invalidQuery, "a query does not end") }
        } while options.continuation != nil
        return rows
    }

    /// All rows over several partitions strung together, each with versions of its own; `_rid`s rise across them.
    static func rows(
        _ text: String, overPartitions partitions: [[JSONDocument]], rowCountMax: Int
    ) throws -> [JSONValue] {
        var number: UInt64 = 0
        let documents = partitions.enumerated().flatMap { partition, documents in
            documents.enumerated().map { index, document in
                number += 1
                let position = DocumentPosition(partition: UInt32(partition), version: UInt64(index) + 1)
                return SourceDocument(document: document, position: position, resourceNumber: number)
            }
        }
        let query = try Query(text)
        var options = QueryPageOptions(sign: sign)
        options.rowCountMax = rowCountMax
        var rows: [JSONValue] = []
        repeat {
            var source = DocumentList(documents)
            let page = try query.page(over: &source, options: options)
            rows += try self.rows(of: page)
            options.continuation = page.continuation
        } while options.continuation != nil
        return rows
    }

    static func rows(of page: QueryPage) throws -> [JSONValue] {
        try JSONValue(parsing: [UInt8(ascii: "[")] + page.rows + [UInt8(ascii: "]")], limits: JSONLimits(depthMax: 512))
            .array ?? []
    }
}

extension JSONValue {
    /// Deep equality with numbers equal when they differ by no more than rounding does.
    func isClose(to other: JSONValue) -> Bool {
        switch (self, other) {
        case (.number(let a), .number(let b)):
            return a.double == b.double || abs(a.double - b.double) <= 1e-12 * max(abs(a.double), abs(b.double))
        case (.array(let a), .array(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { $0.isClose(to: $1) }
        case (.object(let a), .object(let b)):
            return a.count == b.count
                && a.allSatisfy { member in
                    other[member.name].map { member.value.isClose(to: $0) } ?? false
                }
        default: return self == other
        }
    }

    /// Whether two arrays hold the same elements in whatever order.
    static func areSameBags(_ a: [JSONValue], _ b: [JSONValue]) -> Bool {
        guard a.count == b.count else { return false }
        var rest = b
        for element in a {
            guard let index = rest.firstIndex(where: { element.isClose(to: $0) }) else { return false }
            rest.remove(at: index)
        }
        return true
    }
}

/// A clock that goes on whenever it is asked.
final class SteppingClock: @unchecked Sendable {
    private let stepMilliseconds: Int64
    private var time: Int64 = 0

    init(stepMilliseconds: Int64 = 1) {
        self.stepMilliseconds = stepMilliseconds
    }

    func next() -> Int64 {
        time += stepMilliseconds
        return time
    }
}
