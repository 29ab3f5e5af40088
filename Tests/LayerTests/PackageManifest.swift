import Foundation

/// What Package.swift declares: each target and what it depends on, in order.
struct PackageManifest {
    struct Target: Equatable {
        let name: String
        let dependencies: [String]
        let isTest: Bool
    }

    let targets: [Target]

    /// Reads the declarations `source("A", ["B"])`, `tests("A", ["B"])`, `system("A", …)` and
    /// `.executableTarget(name: "A", dependencies: ["B"], …)`, which are all that the file uses.
    init(_ text: String) {
        let start = text.range(of: "let package = ")?.upperBound ?? text.startIndex
        targets = text[start...].matches(of: #/(source|tests|system|\.executableTarget)\(/#).map { match in
            let arguments = Self.arguments(text[match.range.upperBound...])
            let names = arguments.prefix { $0 != "[" }.matches(of: #/"([^"]+)"/#)
            let list = arguments.drop { $0 != "[" }.prefix { $0 != "]" }
            return Target(
                name: names.first.map { String($0.output.1) } ?? "",
                dependencies: match.output.1 == "system"
                    ? [] : list.matches(of: #/"([^"]+)"/#).map { String($0.output.1) },
                isTest: match.output.1 == "tests")
        }
    }

    /// The text up to the parenthesis that closes the call.
    private static func arguments(_ text: Substring) -> Substring {
        var depth = 0
        return text.prefix { character in
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            return depth >= 0
        }
    }

    static func load() throws -> PackageManifest {
        let url = SourceTree.root.appendingPathComponent("Package.swift")
        return PackageManifest(try String(contentsOf: url, encoding: .utf8))
    }

    subscript(_ name: String) -> Target? { targets.first { $0.name == name } }
}
