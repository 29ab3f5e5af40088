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
        let declaration = #/(source|tests|system|\.executableTarget)\(\s*(?:name:\s*)?"([^"]+)"([^\]]*?\]|[^\n]*)/#
        targets = text[start...].matches(of: declaration).map { match in
            let (_, function, name, rest) = match.output
            let quoted = function == "system" ? [] : rest.matches(of: #/"([^"]+)"/#).map { String($0.output.1) }
            return Target(name: String(name), dependencies: quoted, isTest: function == "tests")
        }
    }

    static func load() throws -> PackageManifest {
        let url = SourceTree.root.appendingPathComponent("Package.swift")
        return PackageManifest(try String(contentsOf: url, encoding: .utf8))
    }

    subscript(_ name: String) -> Target? { targets.first { $0.name == name } }
}
