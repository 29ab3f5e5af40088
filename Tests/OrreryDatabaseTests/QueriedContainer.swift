import Dispatch
import Foundation
import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import OrreryQuery
import Synchronization
import Testing

/// A container in a folder of its own, to be filled and queried.
final class QueriedContainer {
    let account: Account
    private(set) var container: Container
    private let path: String

    /// - Parameters:
    ///   - policy: the indexing policy as JSON.
    ///   - rangeCount: how many partition-key ranges the container has.
    ///   - settings: further members of the definition, each after a comma.
    init(
        policy: String = #"{"includedPaths":[{"path":"/*"}]}"#, rangeCount: Int = 1, settings: String = "",
        configuration: EngineConfiguration = EngineConfiguration()
    ) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("queried-\(UUID().uuidString)").path
        account = try Account(directory: path, configuration: configuration)
        let database = try account.createDatabase(
            DatabaseDefinition(JSONValue(parsing: Array(#"{"id":"db"}"#.utf8))), throughput: nil)
        let text = """
            {"id":"c","partitionKey":{"paths":["/pk"],"version":2},"indexingPolicy":\(policy)\(settings)}
            """
        let resource = try account.createContainer(
            ContainerDefinition(JSONValue(parsing: Array(text.utf8))), in: database.resourceID,
            throughput: rangeCount == 1 ? nil : .manual(requestUnitsPerSecond: 6_000 * rangeCount))
        container = try account.openContainer(resource.resourceID)
        #expect(container.ranges.count == rangeCount)
    }

    deinit {
        account.close()
        try? FileManager.default.removeItem(atPath: path)
    }

    /// How many items were written so far.
    private(set) var writtenCount = 0

    /// Bytes of all files that index the log.
    var indexByteCount: Int {
        get throws {
            var count = 0
            for case let name as String in try #require(FileManager.default.enumerator(atPath: path)) {
                let last = name.split(separator: "/").last ?? ""
                guard last.hasPrefix("run-") || last.hasPrefix("superseded-") else { continue }
                // A merge may have removed it by now.
                let attributes = try? FileManager.default.attributesOfItem(atPath: path + "/" + name)
                count += (attributes?[.size] as? Int) ?? 0
            }
            return count
        }
    }

    /// Writes items, all at once; each has the partition key that its `pk` says.
    func upsert(_ texts: [String]) throws {
        let group = DispatchGroup()
        let failures = Failures()
        for text in texts {
            let document = try Container.document(parsing: Array(text.utf8))
            let key = PartitionKey([.string(document.root["pk"]?.string ?? "")])
            let operation = try container.preparingCreate(document, partitionKey: key, isUpsert: true)
            group.enter()
            container.commit([operation]) { result in
                if case .failure(let failure) = result { failures.add(failure) }
                group.leave()
            }
        }
        group.wait()
        writtenCount += texts.count
        try failures.throwFirst()
    }

    func delete(id: String, pk: String) throws { try deleteAll([(id, pk)]) }

    /// Deletes items, all at once.
    func deleteAll(_ items: [(id: String, pk: String)]) throws {
        let group = DispatchGroup()
        let failures = Failures()
        for (id, pk) in items {
            let key = PartitionKey([.string(pk)])
            let operation = try container.preparingDelete(id: Array(id.utf8), partitionKey: key)
            group.enter()
            container.commit([operation]) { result in
                if case .failure(let failure) = result { failures.add(failure) }
                group.leave()
            }
        }
        group.wait()
        try failures.throwFirst()
    }

    private final class Failures: Sendable {
        private let all = Mutex<[ItemFailure]>([])
        func add(_ failure: ItemFailure) { all.withLock { $0.append(failure) } }
        func throwFirst() throws { if let first = all.withLock({ $0.first }) { throw first } }
    }

    /// One page.
    func page(_ text: String, rowCountMax: Int? = nil, continuation: String? = nil) throws -> QueryPage {
        var options = QueryPageOptions(sign: { _ in [UInt8](repeating: 1, count: 16) })
        options.rowCountMax = rowCountMax
        options.continuation = continuation
        return try container.page(of: Query(text), in: .container, options: options).page
    }

    /// How the first page is found.
    func access(_ text: String) throws -> QueryExplanation.Access {
        let options = QueryPageOptions(sign: { _ in [UInt8](repeating: 1, count: 16) })
        let page = try container.page(of: Query(text), in: .container, options: options, isExplained: true)
        return try #require(page.explanation).access
    }

    /// The rows of all pages, and the documents that each page read.
    func rows(_ text: String, rowCountMax: Int? = nil) throws -> (rows: [String], documentCounts: [Int]) {
        var rows: [String] = []
        var counts: [Int] = []
        var continuation: String?
        repeat {
            let page = try page(text, rowCountMax: rowCountMax, continuation: continuation)
            rows += try page.texts
            counts.append(page.metrics.retrievedDocumentCount)
            continuation = page.continuation
        } while continuation != nil
        return (rows, counts)
    }
}

extension QueryPage {
    /// Each row's text.
    var texts: [String] {
        get throws {
            let array = try JSONDocument(parsing: [UInt8(ascii: "[")] + rows + [UInt8(ascii: "]")])
            return array.root.elements.map { String(decoding: $0.text, as: UTF8.self) }
        }
    }
}
