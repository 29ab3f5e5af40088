import Foundation
import Testing

/// Each public symbol of the library has an example, and each example is compiled.
@Suite struct DocumentationTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private static func sources() throws -> [(path: String, lines: [String])] {
        let folder = root.appendingPathComponent("Sources/Orrery")
        let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            let content = try text("Sources/Orrery/" + path)
            return (path, content.components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
        }
    }

    @Test func everyExampleIsCompiled() throws {
        let folder = Self.root.appendingPathComponent("Tests/OrreryTests/Examples")
        let compiled = try FileManager.default.contentsOfDirectory(atPath: folder.path).map { name in
            try Self.text("Tests/OrreryTests/Examples/" + name).components(separatedBy: "\n")
                .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
        }
        var count = 0
        for (path, lines) in try Self.sources() {
            var example: [String]?
            for line in lines {
                if line == "/// ```swift" {
                    example = []
                } else if line == "/// ```", let found = example {
                    let text = found.joined(separator: "\n")
                    #expect(compiled.contains { $0.contains(text) }, "\(path): an example is not compiled:\n\(text)")
                    (example, count) = (nil, count + 1)
                } else {
                    example?.append(line.dropFirst(3).trimmingCharacters(in: .whitespaces))
                }
            }
        }
        #expect(count > 40)
    }

    /// What the language asks for by name needs no example of its own: conformances, cases, and what a builder takes.
    private static let exempt = [
        "init(stringLiteral", "init(integerLiteral", "init(booleanLiteral", "init(floatLiteral", "init(nilLiteral",
        "init(arrayLiteral", "init(stringInterpolation", "init(literalCapacity", "init(from decoder", "func encode(to",
        "typealias", "func makeAsyncIterator", "func next()", "mutating func append", "struct Iterator",
        "struct StringInterpolation", "init(_ value: Int", "init(_ value: Bool", "init(_ value: Double",
    ]

    @Test func everyPublicSymbolHasAnExample() throws {
        for (path, lines) in try Self.sources() {
            for (index, line) in lines.enumerated()
            where line.hasPrefix("public ") && !Self.exempt.contains(where: { line.contains($0) }) {
                let comment = lines[..<index].reversed().prefix { $0.hasPrefix("///") || $0.hasPrefix("@") }
                #expect(comment.contains("/// ```swift"), "\(path):\(index + 1): \(line)")
            }
        }
    }
}
