import OrreryDocuments
import OrreryKeys
import OrreryQuery

extension Fuzzer {
    /// A query's text: it is understood or refused, and what a client is told to send in its place is understood, too.
    public static let queryParser = Fuzzer(name: "query-parser") { input in
        guard let query = try? Query(input), let definition = try? PartitionKeyDefinition(paths: ["/pk"]) else {
            return nil
        }
        guard !query.partitionKeys(under: definition).ranges(under: definition).isEmpty else {
            return "no range at all"
        }
        guard let plan = try? query.plan(under: definition, features: Set(QueryFeature.allCases)),
            let rewritten = plan.queryInfo?.rewrittenQuery, !rewritten.isEmpty
        else { return nil }
        do throws(QueryError) {
            _ = try Query(rewritten).needsMerge
        } catch {
            // Parameters have no values here, and the rewritten text keeps them.
            if error.code != .unresolvedIdentifier { return "refused: \(error.message): \(rewritten)" }
        }
        return nil
    }

    /// A query and items, set apart by zero bytes: its rows are the same on one page and on many.
    public static let queryEvaluator = Fuzzer(name: "query-evaluator") { input in
        let parts = input.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
        let items = parts.dropFirst().prefix(8).compactMap { try? JSONDocument(parsing: $0) }
        guard let query = try? Query(parts[0], limits: .fuzzing) else { return nil }
        guard let whole = try? rows(of: query, over: items, rowCountMax: nil) else { return nil }
        guard let paged = try? rows(of: query, over: items, rowCountMax: 1) else {
            return "refused in pages, though not whole"
        }
        return whole.sorted { $0.lexicographicallyPrecedes($1) } == paged.sorted { $0.lexicographicallyPrecedes($1) }
            || whole.count == paged.count && !isRepeatable(parts[0])
            ? nil : "\(whole.count) rows on one page and \(paged.count) on many"
    }

    /// A continuation as a client may send it: refused, or the query goes on.
    public static let queryContinuation = Fuzzer(name: "query-continuation") { input in
        guard let query = try? Query("SELECT c.a FROM c ORDER BY c.a"),
            let items = try? [#"{"a":1}"#, #"{"a":2}"#].map({ try JSONDocument(parsing: $0) })
        else { return "the fixture is broken" }
        // A signature of zeros lets damaged tokens through to what reads them.
        var options = QueryPageOptions(sign: { _ in [] })
        options.continuation = String(decoding: input, as: UTF8.self)
        var source = DocumentList(items)
        let page = try? query.page(over: &source, options: options)
        return (page?.rowCount ?? 0) <= 2 ? nil : "more rows than there are"
    }

    /// Texts whose rows follow the clock, a die or the order of pages are counted, not compared.
    private static func isRepeatable(_ text: [UInt8]) -> Bool {
        let lowered = String(decoding: text, as: UTF8.self).lowercased()
        return !["rand", "current", "top", "limit", "distinct", "group"].contains { lowered.contains($0) }
    }

    private static func rows(
        of query: Query, over items: [JSONDocument], rowCountMax: Int?
    ) throws -> [[UInt8]] {
        var options = QueryPageOptions(sign: { bytes in [UInt8](repeating: UInt8(bytes.count & 0xFF), count: 16) })
        options.rowCountMax = rowCountMax
        var rows: [[UInt8]] = []
        repeat {
            var source = DocumentList(items)
            let page = try query.page(over: &source, options: options)
            let text = [UInt8(ascii: "[")] + page.rows + [UInt8(ascii: "]")]
            for row in try JSONDocument(parsing: text, limits: JSONLimits(depthMax: 1024)).root.elements {
                rows.append(Array(row.text))
            }
            options.continuation = page.continuation
        } while options.continuation != nil && rows.count < 2_000
        return rows
    }
}

extension QueryLimits {
    /// Small enough that no input takes long.
    fileprivate static var fuzzing: QueryLimits {
        var limits = QueryLimits()
        limits.nestingDepthMax = 24
        limits.valueBytesMax = 64 * 1024
        limits.expansionsPerDocumentMax = 500
        limits.pageMilliseconds = Int(Int32.max)
        return limits
    }
}
