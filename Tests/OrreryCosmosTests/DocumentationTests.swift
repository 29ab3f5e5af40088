import Foundation
import Testing

@testable import OrreryCosmos

/// What Docs/CosmosApi.md lists is what the server has.
@Suite struct DocumentationTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Docs/CosmosApi.md")

    /// The first cells of the table under a heading, each split at its commas.
    private func firstCells(under heading: String) throws -> [String] {
        let lines = try String(contentsOf: Self.page, encoding: .utf8).components(separatedBy: "\n")
        let start = try #require(lines.firstIndex(of: heading))
        return lines[(start + 1)...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.dropFirst(2)
            .flatMap { $0.split(separator: "|")[0].split(separator: ",") }
            .map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test func everyOperationIsListedOnce() throws {
        let listed = try firstCells(under: "## Operations")
        #expect(listed.sorted() == Operation.allCases.map(\.name).sorted())
    }

    @Test func everyOperationHasARoute() {
        let routed = Set(Route.table.map(\.operation))
        #expect(Operation.allCases.filter { !routed.contains($0) } == [])
    }
}
