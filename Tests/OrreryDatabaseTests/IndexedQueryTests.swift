import Dispatch
import Foundation
import OrreryDatabase
import OrreryDocuments
import OrreryEngine
import OrreryKeys
import OrreryQuery
import Synchronization
import Testing

/// Queries over an indexed container, at every stage of flushing and merging, against the same queries over the same
/// documents in a plain list.
@Suite struct IndexedQueryTests {
    private static let policies = [
        #"{"includedPaths":[{"path":"/*"}]}"#,
        #"{"includedPaths":[{"path":"/a/?"},{"path":"/o/*"}],"excludedPaths":[{"path":"/*"}]}"#,
        #"{"includedPaths":[{"path":"/*"}],"excludedPaths":[{"path":"/o/*"},{"path":"/list/[]/?"}]}"#,
        #"{"indexingMode":"none"}"#,
        """
        {"includedPaths":[{"path":"/*"}],"compositeIndexes":[
         [{"path":"/a"},{"path":"/b"}],[{"path":"/a"},{"path":"/b","order":"descending"}],
         [{"path":"/flag"},{"path":"/a","order":"descending"},{"path":"/_ts"}],
         [{"path":"/o/x"},{"path":"/long"}],[{"path":"/list"},{"path":"/b"}]]}
        """,
        """
        {"includedPaths":[{"path":"/*"}],"compositeIndexes":[
         [{"path":"/a","order":"descending"},{"path":"/b","order":"descending"}],
         [{"path":"/o/x","order":"descending"},{"path":"/long"}]]}
        """,
    ]

    private static let queries = [
        "SELECT VALUE c.id FROM c WHERE c.a = @number",
        "SELECT VALUE c.id FROM c WHERE c.a = @string",
        "SELECT VALUE c.id FROM c WHERE c.a = null",
        "SELECT VALUE c.id FROM c WHERE c.a = true OR c.b = @number",
        "SELECT VALUE c.id FROM c WHERE c.a > @number AND c.b <= @number",
        "SELECT VALUE c.id FROM c WHERE c.a BETWEEN @number AND 7",
        "SELECT VALUE c.id FROM c WHERE c.a >= @string",
        "SELECT VALUE c.id FROM c WHERE STARTSWITH(c.a, 'v1')",
        "SELECT VALUE c.id FROM c WHERE c.a LIKE 'v%2'",
        "SELECT VALUE c.id FROM c WHERE CONTAINS(c.a, '2')", "SELECT * FROM c WHERE ENDSWITH(c.o.x, '1')",
        "SELECT VALUE c.id FROM c WHERE LOWER(c.long) = @long AND c.b != @number",
        "SELECT VALUE COUNT(1) FROM c WHERE NOT CONTAINS(c.b, '1') OR c.b = @number",
        "SELECT VALUE c.id FROM c JOIN e IN c.list WHERE LENGTH(c.a) = 2 AND e = @number",
        "SELECT VALUE c.id FROM c WHERE TOSTRING(c.a) = 'null' OR UPPER(c.a) IN ('V1', 'V3')",
        "SELECT VALUE c.id FROM c WHERE c.o.x = @number AND c.o.y = @string",
        "SELECT VALUE c.id FROM c WHERE c.o.x IN (1, 2, @number)",
        "SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.list, @number)",
        "SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.list, {\"x\": 1}, true)",
        "SELECT VALUE c.id FROM c JOIN e IN c.list WHERE e = @number",
        "SELECT VALUE c.id FROM c WHERE EXISTS (SELECT VALUE e FROM e IN c.list WHERE e.x = @number)",
        "SELECT VALUE c.id FROM c WHERE c.list[0] = @number",
        "SELECT VALUE c.id FROM c WHERE IS_DEFINED(c.o.x) AND NOT c.flag",
        "SELECT VALUE c.id FROM c WHERE NOT (c.a < 3)", "SELECT VALUE c.id FROM c WHERE NOT (c.a != 3 OR 'v' > c.b)",
        "SELECT VALUE c.id FROM c WHERE NOT (c.a >= 3 AND NOT (c.b <= 2 OR c.flag))",
        "SELECT VALUE c.id FROM c WHERE c.a != @number", "SELECT VALUE c.id FROM c WHERE @string != c.a AND c.b = 3",
        "SELECT VALUE c.id FROM c WHERE c.a NOT IN (1, 'v1', null, @number, true)",
        "SELECT VALUE c.id FROM c WHERE NOT (c.a = 3 OR c.b IN (1, @string))",
        "SELECT VALUE c.id FROM c WHERE c.a NOT LIKE 'v%' OR NOT (c.b NOT LIKE 'v1%')",
        "SELECT VALUE c.id FROM c WHERE c.long != @long AND c.flag != true",
        "SELECT VALUE c.id FROM c WHERE c.list[0] != @number AND c.list != [1]",
        "SELECT VALUE c.id FROM c JOIN e IN c.list WHERE e != @number AND NOT (e = '')",
        "SELECT VALUE c.id FROM c WHERE c.flag AND c.b = @number",
        "SELECT VALUE c.id FROM c WHERE IS_NULL(c.a) OR IS_ARRAY(c.list)",
        "SELECT VALUE COUNT(1) FROM c WHERE c.b = @number",
        "SELECT c.b, COUNT(1) AS n FROM c WHERE c.a = @number GROUP BY c.b",
        "SELECT VALUE c.id FROM c WHERE c.id = 'd3'",
        "SELECT * FROM c WHERE c.a = @number",
        "SELECT VALUE c FROM c WHERE c.b > @number AND c.flag = true",
        "SELECT * FROM c WHERE c.o.x IN (1, @string) OR IS_NULL(c.a)",
        "SELECT * FROM c WHERE c.long = @long",
        "SELECT * FROM c WHERE c.b < 7 AND c.b >= @number OFFSET 0 LIMIT 1000",
        "SELECT VALUE c.long FROM c WHERE c.long = @long",
        "SELECT VALUE c.id FROM c WHERE c.a < 3 ORDER BY c.b",
        "SELECT VALUE c.id FROM (SELECT VALUE d FROM d WHERE d.a = @number) AS c WHERE c.b > 1",
        "SELECT VALUE c.id FROM c WHERE c._ts > 0 AND c.a = @number",
        "SELECT VALUE COUNT(1) FROM c WHERE c.a = @string AND c.flag = true",
        "SELECT VALUE [{\"item\": COUNT(1)}] FROM c WHERE c.b = @number",
        "SELECT COUNT(c) AS n FROM c WHERE c.long = @long",
        "SELECT COUNT(1) AS n, 'x' AS x FROM c WHERE c.o.x = @number",
        "SELECT VALUE COUNT(1) FROM c WHERE c.a > @number AND c.a < 8",
        "SELECT VALUE COUNT(1) FROM c WHERE IS_STRING(c.a) OR c.a IN (1, 2, null)",
        "SELECT VALUE COUNT(1) FROM c WHERE STARTSWITH(c.a, 'v1') AND c.flag",
        "SELECT VALUE COUNT(1) FROM c WHERE c.a != @number",
        "SELECT VALUE COUNT(1) FROM c WHERE c.a NOT IN (1, 'v1', null, @number, undefined)",
        "SELECT VALUE COUNT(1) FROM c WHERE NOT (c.b = @string) AND c.flag",
        "SELECT VALUE COUNT(1) FROM c WHERE c.list != @number",
        "SELECT VALUE COUNT(1) FROM c WHERE c.o.x != true OR c.long != @long",
        "SELECT VALUE COUNT(1) FROM c WHERE NOT (c.a NOT IN (1, @number)) OR NOT (c.a != null)",
        "SELECT VALUE COUNT(1) FROM c WHERE c.o != 3 AND c.list NOT IN ([1], 2)",
        "SELECT VALUE COUNT(c.b) FROM c WHERE c.a != @string",
        "SELECT VALUE MAX(c.b) FROM c WHERE c.a != @string AND IS_NUMBER(c.b)",
        "SELECT c.b, COUNT(1) AS n FROM c WHERE c.b != @number GROUP BY c.b",
        "SELECT * FROM c WHERE c.a != @number",
        "SELECT VALUE COUNT(c.a) FROM c",
        "SELECT VALUE MIN(c.a) FROM c",
        "SELECT VALUE MAX(c.b) FROM c WHERE IS_NUMBER(c.b)",
        "SELECT MIN(c.a) AS low, MAX(c.a) AS high, COUNT(c.b) AS n, COUNT(1) AS all FROM c WHERE c.flag = true",
        "SELECT VALUE MIN(c._ts) FROM c WHERE c.a = @number",
        "SELECT VALUE MAX(c.b) FROM c WHERE c.b < @number",
        "SELECT VALUE MAX(c.list) FROM c",
        "SELECT VALUE MIN(c.long) FROM c",
        "SELECT VALUE MAX(c.o.x) FROM c WHERE c.o.x >= 'v' AND NOT c.flag",
        "SELECT DISTINCT VALUE c.a FROM c",
        "SELECT DISTINCT c.a FROM c",
        "SELECT DISTINCT VALUE c.b FROM c WHERE c.a = @number",
        "SELECT DISTINCT VALUE UPPER(c.a) FROM c WHERE CONTAINS(c.a, '1')",
        "SELECT DISTINCT VALUE c.list FROM c",
        "SELECT DISTINCT VALUE c.long FROM c",
        "SELECT DISTINCT VALUE [c.a, c.b] FROM c",
        "SELECT c.b, COUNT(1) AS n FROM c GROUP BY c.b",
        "SELECT c.flag, COUNT(c.flag) AS n, MAX(c.flag) AS m FROM c WHERE c.a >= @number GROUP BY c.flag",
        "SELECT COUNT(1) AS n FROM c GROUP BY c.o.x",
        "SELECT c.o AS o, COUNT(1) AS n FROM c GROUP BY c.o",
        "SELECT c.b, COUNT(1) AS n FROM c WHERE c.b > 2 AND c.b < 'v2' GROUP BY c.b",
        "SELECT c.b, SUM(c.b) AS n FROM c WHERE IS_NUMBER(c.b) GROUP BY c.b",
        "SELECT c.a, c.b, COUNT(1) AS n FROM c GROUP BY c.a, c.b",
        "SELECT c.flag, c.o.x AS x, COUNT(c.flag) AS n, MAX(c.b) AS m FROM c GROUP BY c.flag, c.o.x",
        "SELECT c.b, c.flag, COUNT(1) AS n FROM c WHERE c.a != @number AND IS_NUMBER(c.b) GROUP BY c.b, c.flag",
        "SELECT DISTINCT c.flag, c.long, c.list FROM c WHERE c.b < 7",
    ]

    /// Compared row by row: their order is settled, down to the `_rid`.
    private static let orderedQueries = [
        "SELECT VALUE c.id FROM c WHERE c.a >= 2 ORDER BY c.a",
        "SELECT TOP 4 VALUE c.id FROM c WHERE c.b > 1 ORDER BY c.b DESC",
        "SELECT VALUE c.id FROM c WHERE c.b > 1 AND c.flag ORDER BY c.b OFFSET 2 LIMIT 3",
        "SELECT VALUE [c.id, c.a] FROM c ORDER BY c.a DESC",
        "SELECT TOP 3 VALUE c.id FROM c ORDER BY c._ts DESC",
        "SELECT VALUE c.id FROM c WHERE STARTSWITH(c.a, 'v') ORDER BY c.a",
        "SELECT VALUE c.id FROM c WHERE IS_DEFINED(c.o) ORDER BY c.o.x DESC",
        "SELECT VALUE c.id FROM c ORDER BY c.a",
        "SELECT VALUE c.long FROM c WHERE c.long > 'a' ORDER BY c.long",
        "SELECT VALUE [c.id, e] FROM c JOIN e IN c.list WHERE c.b < 5 ORDER BY c.b",
        "SELECT TOP 5 VALUE c.id FROM c ORDER BY c.a",
        "SELECT VALUE c.id FROM c WHERE c.a >= 2 AND c.a < 8 ORDER BY c.a OFFSET 1 LIMIT 9",
        "SELECT VALUE c.id FROM c WHERE CONTAINS(c.id, '1') ORDER BY c.b DESC",
        "SELECT TOP 3 * FROM c WHERE CONTAINS(c.a, '2') ORDER BY c.b DESC",
        "SELECT VALUE c.id FROM c WHERE LENGTH(c.o.x) = 2 AND c.a >= @number ORDER BY c.a",
        "SELECT VALUE c.id FROM c WHERE c.flag = true ORDER BY c.b",
        "SELECT VALUE c.id FROM c WHERE c.b = @number ORDER BY c.a",
        "SELECT VALUE c.id FROM c ORDER BY c.list",
        "SELECT VALUE c.id FROM c ORDER BY c.long DESC",
        "SELECT VALUE c.id FROM c ORDER BY c.flag",
        "SELECT VALUE c.id FROM c WHERE c.pk = 'k2' ORDER BY c.b",
        "SELECT VALUE c.id FROM c WHERE c.a = 3 AND c.a > 5 ORDER BY c.a",
        "SELECT * FROM c WHERE c.a != @number AND c.b >= 2 ORDER BY c.b",
    ]

    /// ORDER BY of several properties: refused where the policy has no composite index for it.
    private static let compositeQueries: [(text: String, order: [String])] = [
        ("SELECT VALUE c.id FROM c ORDER BY c.a, c.b", ["+a", "+b"]),
        ("SELECT VALUE c.id FROM c ORDER BY c.a DESC, c.b DESC", ["-a", "-b"]),
        ("SELECT VALUE c.id FROM c ORDER BY c.a, c.b DESC", ["+a", "-b"]),
        ("SELECT VALUE c.id FROM c WHERE c.a = @number ORDER BY c.a, c.b", ["+a", "+b"]),
        ("SELECT VALUE c.id FROM c WHERE c.a > @number ORDER BY c.a DESC, c.b", ["-a", "+b"]),
        ("SELECT VALUE c.id FROM c WHERE c.a = @string AND c.b > 2 ORDER BY c.a DESC, c.b DESC", ["-a", "-b"]),
        ("SELECT TOP 7 VALUE c.id FROM c WHERE c.flag ORDER BY c.flag, c.a DESC, c._ts", ["+flag", "-a", "+_ts"]),
        ("SELECT VALUE c.id FROM c ORDER BY c.o.x DESC, c[\"long\"]", ["-o/x", "+long"]),
        ("SELECT VALUE c.id FROM c WHERE c.b >= 1 ORDER BY c.list, c.b OFFSET 2 LIMIT 20", ["+list", "+b"]),
    ]

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func indexedAnswersAreThePlainOnes(_ seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(state: seed &* 0x9E37_79B9_7F4A_7C15 | 1)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("index-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var path = folder + "/0"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        var configuration = EngineConfiguration()
        configuration.deltaVersionsMax = Int.random(in: 10...80, using: &random)
        configuration.mergeFanIn = 2
        let failures = Failures()
        configuration.observer = failures
        defer { #expect(failures.messages == [], "seed \(seed)") }
        var account = try Account(directory: path, configuration: configuration)
        defer { account.close() }
        let database = try account.createDatabase(
            DatabaseDefinition(JSONValue(parsing: Array(#"{"id":"db"}"#.utf8))), throughput: nil)
        let policy = Self.policies[Int(seed) % Self.policies.count]
        let resource = try account.createContainer(
            Self.definition(policy), in: database.resourceID, throughput: nil)
        var live: [String: JSONDocument] = [:]
        for round in 0..<6 {
            let container = try account.openContainer(resource.resourceID)
            for _ in 0..<150 { try write(container, &live, &random) }
            try compare(container, live, &random, seed)
            // The policy changes while there are runs of the old one.
            if round == 3 {
                let other = Self.policies[Int(seed + 1) % Self.policies.count]
                _ = try account.replaceContainer(resource.resourceID, with: Self.definition(other))
            }
            // A crash among writes, one while all is indexed anew, and an orderly end.
            if round == 1 || round == 3 {
                let copy = folder + "/\(round)"
                try Self.copyAsCrashed(path, to: copy)
                account.close()
                path = copy
                account = try Account(directory: path, configuration: configuration)
            } else if round == 4 {
                account.close()
                account = try Account(directory: path, configuration: configuration)
            }
        }
    }

    /// A data directory as a crash at this moment would leave it, taken while files come and go. Each manifest comes
    /// first: what it names is whole, or gone since and made again from the log.
    private static func copyAsCrashed(_ path: String, to copy: String) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: copy, withIntermediateDirectories: true)
        try files.copyItem(atPath: path + "/catalog.lmdb", toPath: copy + "/catalog.lmdb")
        for folder in try files.contentsOfDirectory(atPath: path + "/partitions").map({ "/partitions/" + $0 }) {
            try files.createDirectory(atPath: copy + folder, withIntermediateDirectories: true)
            let names = try files.contentsOfDirectory(atPath: path + folder)
            for name in ["MANIFEST"] + names.filter({ $0 != "MANIFEST" }) {
                // To its end, wherever that is by then: `copyItem` waits forever for the rest of a file that was cut.
                let bytes = try? Data(contentsOf: URL(fileURLWithPath: path + folder + "/" + name))
                try bytes?.write(to: URL(fileURLWithPath: copy + folder + "/" + name))
            }
        }
    }

    /// Flushes and merges that failed: queries would stay right without them, and the store would grow.
    private final class Failures: EngineObserver {
        private let collected = Mutex<[String]>([])
        var messages: [String] { collected.withLock { $0 } }
        func groupCommitted(
            versions: Int, commits: Int, bytes: Int, writeNanoseconds: UInt64, totalNanoseconds: UInt64
        ) {}
        func deltaFlushed(versions: Int, nanoseconds: UInt64) {}
        func runsMerged(runs: Int, entries: Int, nanoseconds: UInt64) {}
        func maintenanceFailed(_ message: String) { collected.withLock { $0.append(message) } }
        func partitionFailed(_ message: String) { collected.withLock { $0.append(message) } }
    }

    private static func definition(_ policy: String) throws -> ContainerDefinition {
        let text = """
            {"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},"indexingPolicy":\(policy)}
            """
        return try ContainerDefinition(JSONValue(parsing: Array(text.utf8)))
    }

    // MARK: Writing

    private func write(
        _ container: Container, _ live: inout [String: JSONDocument], _ random: inout SeededGenerator
    ) throws {
        let id = "d\(Int.random(in: 0..<400, using: &random))"
        let key = PartitionKey([.string("k\(id.count)")])
        let answer = Answer()
        if Int.random(in: 0..<5, using: &random) == 0 {
            container.commit([try container.preparingDelete(id: Array(id.utf8), partitionKey: key)]) { answer.set($0) }
            if (try? answer.wait()) != nil { live[id] = nil }
            return
        }
        let text = document(id, &random)
        let document = try Container.document(parsing: Array(text.utf8))
        container.commit([try container.preparingCreate(document, partitionKey: key, isUpsert: true)]) {
            answer.set($0)
        }
        live[id] = try JSONDocument(parsing: try #require(try answer.wait().answers.first).item.text)
    }

    private func document(_ id: String, _ random: inout SeededGenerator) -> String {
        var members = ["\"id\":\"\(id)\"", "\"pk\":\"k\(id.count)\""]
        func scalar() -> String {
            switch Int.random(in: 0..<8, using: &random) {
            case 0: "null"
            case 1: "true"
            case 2: "false"
            case 3...5: "\(Int.random(in: 0..<10, using: &random))"
            default: "\"v\(Int.random(in: 0..<30, using: &random))\""
            }
        }
        if Bool.random(using: &random) { members.append("\"a\":\(scalar())") }
        if Bool.random(using: &random) { members.append("\"b\":\(scalar())") }
        if Bool.random(using: &random) { members.append("\"flag\":\(Bool.random(using: &random))") }
        if Bool.random(using: &random) { members.append("\"o\":{\"x\":\(scalar()),\"y\":\(scalar())}") }
        if Bool.random(using: &random) {
            // Repeated values on purpose.
            let elements = (0..<4).map { _ in
                Int.random(in: 0..<3, using: &random) == 0 ? "{\"x\":\(scalar())}" : scalar()
            }
            members.append("\"list\":[\((elements + elements.prefix(2)).joined(separator: ","))]")
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            members.append("\"long\":\"\(longText)\(Int.random(in: 0..<3, using: &random))\"")
        }
        return "{\(members.joined(separator: ","))}"
    }

    /// Longer than the index keeps, so that values are told apart by their documents only.
    private let longText = String(repeating: "long ", count: 80)

    // MARK: Comparing

    private func compare(
        _ container: Container, _ live: [String: JSONDocument], _ random: inout SeededGenerator, _ seed: UInt64
    ) throws {
        let plain = try live.values.map { document in
            let text = try #require(document.root["_rid"]?.string)
            let number = try #require(ResourceID(text: text)?.childNumber)
            return SourceDocument(
                document: document, position: DocumentPosition(version: number), resourceNumber: number)
        }
        // Half of them each time: every one has its turn at many stages.
        for text in Self.queries where Bool.random(using: &random) {
            let query = try query(text, &random)
            var options = QueryPageOptions(sign: { _ in [UInt8](repeating: 1, count: 16) })
            var list = DocumentList(plain)
            let expected = try query.page(over: &list, options: options)
            options.rowCountMax = Int.random(in: 5...80, using: &random)
            var indexed: [String] = []
            repeat {
                let page = try page(of: query, container, options, &random)
                indexed += try rows(page.rows)
                options.continuation = page.continuation
            } while options.continuation != nil
            #expect(try indexed.sorted() == rows(expected.rows).sorted(), "seed \(seed), \(text)")
        }
        for text in Self.orderedQueries where Bool.random(using: &random) {
            try compareRows(container, plain, text, &random, seed)
        }
        for (text, order) in Self.compositeQueries {
            guard Self.hasComposite(order, container) else {
                let query = try query(text, &random)
                let options = QueryPageOptions(sign: { _ in [UInt8](repeating: 1, count: 16) })
                #expect(throws: DatabaseError.badQuery(.noCompositeIndex), "seed \(seed), \(text)") {
                    try container.page(of: query, in: .container, options: options)
                }
                continue
            }
            try compareRows(container, plain, text, &random, seed)
        }
    }

    /// All pages row by row.
    private func compareRows(
        _ container: Container, _ plain: [SourceDocument], _ text: String, _ random: inout SeededGenerator,
        _ seed: UInt64
    ) throws {
        let query = try query(text, &random)
        var options = QueryPageOptions(sign: { _ in [UInt8](repeating: 1, count: 16) })
        var list = DocumentList(plain)
        let expectedRows = try rows(query.page(over: &list, options: options).rows)
        var indexedRows: [String] = []
        options.rowCountMax = Int.random(in: 4...40, using: &random)
        repeat {
            let page = try page(of: query, container, options, &random)
            indexedRows += try rows(page.rows)
            options.continuation = page.continuation
        } while options.continuation != nil
        #expect(indexedRows == expectedRows, "seed \(seed), \(text)")
    }

    /// A page, brief or not: whether one is given up and run elsewhere must not show.
    private func page(
        of query: Query, _ container: Container, _ options: QueryPageOptions, _ random: inout SeededGenerator
    ) throws -> QueryPage {
        if Bool.random(using: &random),
            let brief = try container.briefPage(of: query, in: .container, options: options) {
            return brief.page
        }
        return try container.page(of: query, in: .container, options: options).page
    }

    /// Whether the policy has a composite index of these properties, as they are or all turned round.
    private static func hasComposite(_ order: [String], _ container: Container) -> Bool {
        (container.definition.indexingPolicy.json["compositeIndexes"]?.array ?? []).contains { composite in
            let parts = (composite.array ?? []).map { part in
                (part["order"]?.string == "descending" ? "-" : "+") + (part["path"]?.string ?? "").dropFirst()
            }
            return parts == order || parts == order.map { ($0.first == "-" ? "+" : "-") + $0.dropFirst() }
        }
    }

    private func query(_ text: String, _ random: inout SeededGenerator) throws -> Query {
        var parameters = QueryParameters()
        parameters.set("@number", .number(JSONNumber(Int64.random(in: 0..<10, using: &random))))
        parameters.set("@string", .string("v\(Int.random(in: 0..<30, using: &random))"))
        parameters.set("@long", .string(longText + "\(Int.random(in: 0..<3, using: &random))"))
        return try Query(text, parameters: parameters)
    }

    private func rows(_ bytes: [UInt8]) throws -> [String] {
        let array = try JSONDocument(parsing: [UInt8(ascii: "[")] + bytes + [UInt8(ascii: "]")])
        return array.root.elements.map { String(decoding: $0.text, as: UTF8.self) }
    }

    private final class Answer: Sendable {
        private let result = Mutex<Result<ItemCommitAnswer, ItemFailure>?>(nil)
        private let isThere = DispatchSemaphore(value: 0)
        func set(_ value: Result<ItemCommitAnswer, ItemFailure>) {
            result.withLock { $0 = value }
            isThere.signal()
        }
        func wait() throws -> ItemCommitAnswer {
            isThere.wait()
            return try #require(result.withLock { $0 }).get()
        }
    }
}
