import Foundation
import Testing

/// Runs every script in `Scripts`. With ORRERY_UPDATE_SCRIPTS=1 the scripts are written anew instead, to be read
/// before they are committed.
@Suite struct GoldenScriptTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Scripts")

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".test") }.sorted()
    }()

    @Test func scriptsAreThere() {
        #expect(Self.names.count >= 8)
    }

    @Test(arguments: names) func script(name: String) throws {
        let file = Self.folder.appending(path: name)
        let text = try String(contentsOf: file, encoding: .utf8)
        let rendered = GoldenScript(text).rendered()
        if ProcessInfo.processInfo.environment["ORRERY_UPDATE_SCRIPTS"] == "1" {
            try rendered.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let wanted = text.split(separator: "\n", omittingEmptySubsequences: false)
        let found = rendered.split(separator: "\n", omittingEmptySubsequences: false)
        let line = zip(wanted, found).enumerated().first { $0.element.0 != $0.element.1 }
        let difference = line.map { "line \($0.offset + 1): \($0.element.1) instead of \($0.element.0)" }
        #expect(text == rendered, "\(name): \(difference ?? "a different number of lines")")
    }
}
