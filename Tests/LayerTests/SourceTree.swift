import Foundation

/// The package's own Swift files, as text.
struct SourceTree {
    struct File {
        /// From the package's root: `Sources/OrreryHTTP/HTTPServer.swift`.
        let path: String
        let text: String

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

        /// The target whose folder it lies in.
        var target: String {
            let parts = path.split(separator: "/")
            return parts.first == "Bench" ? "orrery-bench" : parts.count > 2 ? String(parts[1]) : ""
        }

        /// The modules it imports.
        var imports: [String] {
            lines.compactMap { line in
                let pattern =
                    #/\s*(?:(?:public|package|internal|fileprivate|private)\s+)?(?:@\w+\s+)*import\s+/#
                    .ignoresCase(false)
                guard let start = try? pattern.prefixMatch(in: line) else { return nil }
                let words = line[start.range.upperBound...].split(separator: " ")
                // `import struct Module.Type` names the module second.
                let kinds = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor"]
                let name = words.first.map(String.init).map { kinds.contains($0) ? String(words[1]) : $0 } ?? ""
                return String(name.prefix { $0 != "." })
            }
        }
    }

    let files: [File]

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The files under one of the root's folders.
    init(folder: String) throws {
        let start = Self.root.appendingPathComponent(folder)
        var files: [File] = []
        for case let url as URL in FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
            ?? FileManager.DirectoryEnumerator()
        where url.pathExtension == "swift" {
            let path = String(url.path.dropFirst(Self.root.path.count + 1))
            files.append(File(path: path, text: try String(contentsOf: url, encoding: .utf8)))
        }
        self.files = files.sorted { $0.path < $1.path }
    }
}
