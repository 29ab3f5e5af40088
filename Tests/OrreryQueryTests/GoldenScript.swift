import Foundation
import OrreryDocuments
import OrreryKeys

@testable import OrreryQuery

/// A script of queries with what came of each. Lines that start with `=== ` give something in, lines that start with
/// `--- ` head what came out:
///
///     === documents        the documents of the queries below, one to a line
///     === parameters       the parameters of the next query, a JSON array
///     === key /a /b        the partition key: the next query shows the keys its filter leaves possible
///     === page 2           the rows of a page of the next query
///     === client           the next query is planned for a client that merges partitions
///     === query            the text, up to the next line of this kind
///
/// What came out is made anew by `rendered`; a script is right when that is the script itself.
struct GoldenScript {
    private struct Section {
        let head: String
        var lines: [String] = []
    }

    private let comment: [String]
    private let sections: [Section]

    init(_ text: String) {
        var comment: [String] = []
        var sections: [Section] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("=== ") || line.hasPrefix("--- ") {
                sections.append(Section(head: line))
            } else if sections.isEmpty {
                comment.append(line)
            } else {
                sections[sections.count - 1].lines.append(line)
            }
        }
        self.comment = comment
        self.sections = sections
    }

    /// The script with everything that came out made anew.
    func rendered() -> String {
        var output = comment
        var settings = Settings()
        for section in sections where section.head.hasPrefix("=== ") {
            let lines = section.lines.filter { !$0.isEmpty }
            output.append(section.head)
            output += lines
            let words = section.head.dropFirst(4).split(separator: " ").map(String.init)
            switch words[0] {
            case "documents":
                settings.documents = lines
                output.append("")
            case "parameters": settings.parameters = lines.joined(separator: "\n")
            case "key": settings.keyPaths = Array(words.dropFirst())
            case "page": settings.rowCountMax = Int(words[1])
            case "client": settings.isClient = true
            case "query":
                output += settings.outcome(of: lines.joined(separator: "\n"))
                output.append("")
                settings = Settings(documents: settings.documents)
            default: output.append("--- error\nunknown section \(words[0])")
            }
        }
        while output.last == "" { output.removeLast() }
        return output.joined(separator: "\n") + "\n"
    }

    private struct Settings {
        var documents: [String] = []
        var parameters: String?
        var keyPaths: [String]?
        var rowCountMax: Int?
        var isClient = false

        func outcome(of text: String) -> [String] {
            var lines: [String] = []
            do {
                let parameters = try parameters.map { try QueryParameters(JSONDocument(parsing: $0).root) }
                let query = try Query(text, parameters: parameters ?? QueryParameters())
                if let keyPaths { lines += try keys(query, keyPaths) }
                if isClient { return lines + (try clientPlan(query)) }
                lines += Self.plans(of: query)
                lines += try rows(of: query)
            } catch let error as QueryError {
                lines += ["--- error", error.errorsJSON]
            } catch {
                lines += ["--- error", "\(error)"]
            }
            return lines
        }

        /// The logical plan, then each pass that changed it.
        private static func plans(of query: Query) -> [String] {
            let logical = LogicalPlan(query.bound)
            var lines = ["--- plan", logical.description]
            var last = logical.description
            _ = Optimizer(limits: query.limits).optimize(logical) { pass, plan in
                if plan.description != last { lines += ["--- \(pass.rawValue)", plan.description] }
                last = plan.description
            }
            return lines
        }

        private func keys(_ query: Query, _ paths: [String]) throws -> [String] {
            let kind: PartitionKeyDefinition.Kind = paths.count > 1 ? .multiHash : .hash
            let definition = try PartitionKeyDefinition(paths: paths, kind: kind)
            let keys = query.partitionKeys(under: definition)
            return ["--- keys"] + (keys.keys.map { $0.isEmpty ? ["none"] : $0.map(\.headerText) } ?? ["all"])
        }

        private func clientPlan(_ query: Query) throws -> [String] {
            let definition = try PartitionKeyDefinition(paths: ["/pk"])
            let plan = try query.plan(under: definition, features: Set(QueryFeature.allCases))
            var writer = JSONWriter()
            plan.write(to: &writer)
            return ["--- client plan", String(decoding: writer.bytes, as: UTF8.self)]
        }

        private func rows(of query: Query) throws -> [String] {
            let documents = try self.documents.map { try JSONDocument(parsing: $0) }
            var options = QueryPageOptions(sign: QueryRun.sign)
            options.rowCountMax = rowCountMax
            var lines: [String] = []
            repeat {
                var source = DocumentList(documents)
                let page = try query.page(over: &source, options: options)
                lines.append(options.continuation == nil ? "--- rows" : "--- next page")
                lines += try QueryRun.rows(of: page).map(\.description)
                options.continuation = page.continuation
            } while options.continuation != nil
            return lines
        }
    }
}
