import Foundation
import Testing

/// Runs every script of the folder Golden. With ORRERY_GOLDEN_UPDATE=1 the answers in the files are written anew, to
/// be read before they are committed.
@Suite struct GoldenScriptTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    static var scripts: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return names.filter { $0.hasSuffix(".script") }.sorted()
    }

    @Test func someScriptsExist() {
        #expect(!Self.scripts.isEmpty)
    }

    @Test(arguments: scripts) func script(_ name: String) throws {
        let file = Self.folder.appending(path: name)
        let expected = try String(contentsOf: file, encoding: .utf8)
        let actual = GoldenScript(expected).transcript(try TestService())
        if ProcessInfo.processInfo.environment["ORRERY_GOLDEN_UPDATE"] == "1" {
            try actual.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let expectedLines = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let actualLines = actual.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, pair) in zip(1..., zip(expectedLines, actualLines)) where pair.0 != pair.1 {
            Issue.record("\(name):\(number)\n expected \(pair.0)\n got      \(pair.1)")
            return
        }
        #expect(expectedLines.count == actualLines.count)
    }
}
