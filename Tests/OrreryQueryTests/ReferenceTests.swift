import Foundation
import OrreryDocuments
import Testing

@testable import OrreryQuery

/// Docs/QueryLanguage.md is a promise: its examples run, and it lists exactly the functions there are. With
/// ORRERY_UPDATE_SCRIPTS=1 the results are written anew instead, to be read before they are committed.
@Suite struct ReferenceTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Docs/QueryLanguage.md")

    /// A fenced block: what stands behind the fence, and its lines.
    private struct Block {
        let kind: String
        let lines: Range<Int>
    }

    private static func blocks(_ lines: [String]) -> [Block] {
        var blocks: [Block] = []
        var start: Int?
        for (index, line) in lines.enumerated() where line.hasPrefix("```") {
            if let opened = start {
                blocks.append(Block(kind: String(lines[opened].dropFirst(3)), lines: opened + 1..<index))
                start = nil
            } else {
                start = index
            }
        }
        return blocks
    }

    private static func outcome(of query: String, over documents: [JSONDocument]) -> (kind: String, lines: [String]) {
        do {
            let rows = try QueryRun.rows(query, over: documents)
            return ("json", rows.map(\.description))
        } catch let error as QueryError {
            return ("error", [error.errorsJSON])
        } catch {
            return ("error", ["\(error)"])
        }
    }

    @Test func examplesHold() throws {
        var lines = try String(contentsOf: Self.file, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
        let blocks = Self.blocks(lines)
        let items = try #require(blocks.first { $0.kind == "json items" })
        let documents = try lines[items.lines].map { try JSONDocument(parsing: $0) }
        var changes: [(Range<Int>, [String])] = []
        var exampleCount = 0
        for (block, next) in zip(blocks, blocks.dropFirst()) where block.kind == "sql" {
            let query = lines[block.lines].joined(separator: "\n")
            let found = Self.outcome(of: query, over: documents)
            exampleCount += 1
            guard next.kind != "json varies" else {
                #expect(found.kind == "json" && !found.lines.isEmpty, "\(query): \(found)")
                continue
            }
            let wanted = Array(lines[next.lines])
            if wanted != found.lines { changes.append((next.lines, found.lines)) }
            #expect(next.kind == found.kind, "\(query): \(found)")
        }
        #expect(exampleCount > 150)
        if ProcessInfo.processInfo.environment["ORRERY_UPDATE_SCRIPTS"] == "1" {
            for (range, result) in changes.reversed() { lines.replaceSubrange(range, with: result) }
            try lines.joined(separator: "\n").write(to: Self.file, atomically: true, encoding: .utf8)
            return
        }
        for (range, result) in changes {
            Issue.record("Docs/QueryLanguage.md, line \(range.lowerBound + 1): the result is \(result)")
        }
    }

    /// A heading for each function, written as its signature, with an example below it; and no heading more.
    @Test func everyFunctionIsListed() throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        let sections = text.split(separator: "\n#### `").dropFirst()
        let listed = sections.compactMap { $0.split(separator: "`").first.map(String.init) }
        let wanted = FunctionTable.all.filter { !$0.name.hasPrefix("_") }.map(\.signature)
        #expect(Set(wanted).subtracting(listed) == [], "functions that the reference lacks")
        #expect(Set(listed).subtracting(wanted) == [], "functions that are not there")
        #expect(listed.count == Set(listed).count)
        for section in sections { #expect(section.contains("```sql"), "no example: \(section.prefix(40))") }
    }

    /// Names and aliases are distinct whatever their case, and the table is what queries are bound by.
    @Test func namesAreDistinct() {
        let names = FunctionTable.all.flatMap { [$0.name] + $0.aliases }.map { $0.lowercased() }
        #expect(names.count == Set(names).count)
        for name in names { #expect(FunctionTable.function(named: name) != nil) }
    }
}
