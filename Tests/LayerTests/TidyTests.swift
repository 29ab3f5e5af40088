import Testing

/// Holds the files to the rules of style, and shows that what holds them would notice.
@Suite struct TidyTests {
    @Test func everyFileIsTidy() throws {
        let files = try ["Sources", "Tests", "Bench", "Fuzz"].flatMap { try SourceTree(folder: $0).files }
        #expect(files.flatMap(TidyRules.faults) == [])
    }

    @Test func everySourceIsTidy() throws {
        #expect(try SourceTree(folder: "Sources").files.flatMap(TidyRules.faultsOfSource) == [])
    }

    @Test func filesAreShortOnTheWhole() throws {
        let counts = try SourceTree(folder: "Sources").files.map(\.lines.count).sorted()
        #expect(counts[counts.count / 2] <= 150)
    }

    private func faults(_ text: String) -> [String] {
        let file = SourceTree.File(path: "X.swift", text: text)
        return TidyRules.faults(in: file) + TidyRules.faultsOfSource(in: file)
    }

    @Test(arguments: [
        "let a = b!", "let a = b![0]", "f(x)!.y", "a[0]! += 1", "var a: Int!", "let a = try! f()", "let a = b as! C",
        "// TODO: later", String(repeating: "x", count: 121), String(repeating: "\n", count: 601),
        "func f() {\n" + String(repeating: "a()\n", count: 70) + "}\n",
        "init() {\nif a {\n" + String(repeating: "}; if a {\n", count: 70) + "}\n}\n",
        "let s = \"a\\\"b\" + c!",
    ])
    func plantedFaultIsFound(text: String) {
        #expect(faults(text).count == 1)
    }

    @Test(arguments: [
        "if a != b { }", "let a = !b", "// so b! is", "let s = \"b!\"", "/* b! */ let a = 1", "f(!a)", "a = [!b, !c]",
        "let s = \"\"\"\n    b!\n    \"\"\"\nlet a = 1", String(repeating: "x", count: 120),
        "func f() {\n" + String(repeating: "a()\n", count: 68) + "}\n",
        "protocol P {\nfunc f()\nfunc g()\n}\n" + String(repeating: "let a = 1\n", count: 80),
    ])
    func tidyTextIsLeftAlone(text: String) {
        #expect(faults(text) == [])
    }
}
