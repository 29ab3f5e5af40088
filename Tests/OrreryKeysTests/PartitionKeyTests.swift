import Testing

import OrreryDocuments
import OrreryKeys

@Suite struct PartitionKeyTests {
    @Test(
        arguments: [
            (#"["p"]"#, [.string("p")]), ("[1]", [.number(1)]), ("[null]", [.null]), ("[true]", [.boolean(true)]),
            ("[{}]", [.undefined]), ("[]", []),
            (#"["CA","LA","90001"]"#, [.string("CA"), .string("LA"), .string("90001")]),
            (#"["\u00e9\u20ac\ud83d\ude00\"\\"]"#, [.string("é€😀\"\\")]), ("[-0]", [.number(-0.0)]),
            ("[1.5]", [.number(1.5)]),
            ("[9007199254740992]", [.number(9_007_199_254_740_992)]),
        ] as [(String, [PartitionKeyValue])])
    func headerTextRoundTrips(text: String, values: [PartitionKeyValue]) throws {
        let key = try PartitionKey(headerText: text)
        #expect(key == PartitionKey(values))
        #expect(key.headerText == text)
    }

    @Test(
        arguments: [
            ("", .malformedHeader), ("p", .malformedHeader), ("\"p\"", .malformedHeader), ("{}", .malformedHeader),
            ("[1", .malformedHeader), ("[1]x", .malformedHeader), ("[\"\\ud800\"]", .malformedHeader),
            ("[[]]", .unsupportedValue), ("[[1]]", .unsupportedValue), (#"[{"a":1}]"#, .unsupportedValue),
        ] as [(String, PartitionKeyError)])
    func refusesHeaders(text: String, error: PartitionKeyError) {
        #expect(throws: error) { try PartitionKey(headerText: text) }
    }

    /// Every pair of different keys differs in its canonical bytes, and these sort as the components do.
    @Test func canonicalBytesTellKeysApartAndSort() {
        let scalars: [PartitionKeyValue] = [
            .undefined, .null, .boolean(false), .boolean(true), .number(-.infinity), .number(-2), .number(-1),
            .number(-0.0), .number(0), .number(.leastNonzeroMagnitude), .number(1), .number(1.5), .number(1e300),
            .string(""), .string("\0"), .string("\0\0"), .string("\0\u{1}"), .string("\u{1}"), .string("a"),
            .string("a\0"),
            .string("ab"), .string("b"), .string("e\u{301}"), .string("\u{e9}"), .string("\u{ffff}"),
            .string("\u{10000}"),
        ]
        var keys = [PartitionKey([])]
        for first in scalars {
            keys.append(PartitionKey([first]))
            for second in scalars { keys.append(PartitionKey([first, second])) }
        }
        for (earlier, later) in zip(keys, keys.dropFirst()) {
            #expect(earlier.canonicalBytes.lexicographicallyPrecedes(later.canonicalBytes), "\(earlier) \(later)")
        }
    }

    @Test(
        arguments: [
            ("/a", [["a"]]), ("/a/b", [["a", "b"]]), (#"/"a b"/c"#, [["a b", "c"]]), (#"/"a/b""#, [["a/b"]]),
            (#"/'x'/"y\"z""#, [["x", "y\"z"]]), ("/a b", [["a b"]]), ("/\u{e9}", [["\u{e9}"]]),
        ] as [(String, [[String]])])
    func parsesPaths(path: String, names: [[String]]) throws {
        let definition = try PartitionKeyDefinition(paths: [path])
        #expect(definition.segments == names.map { $0.map { Array($0.utf8) } })
    }

    @Test(arguments: ["", "/", "a", "a/b", "/a/", "//a", "/*", "/a/*", "/a/?", #"/"a"#, #"/"a"b"#, #"/"""#])
    func refusesPaths(path: String) {
        #expect(throws: PartitionKeyError.invalidPath(path)) { try PartitionKeyDefinition(paths: [path]) }
    }

    @Test func readsDefinitions() throws {
        let plain = try PartitionKeyDefinition(["paths": ["/pk"]])
        #expect(plain.kind == .hash && plain.version == 1 && !plain.isSystemKey)
        let full = try PartitionKeyDefinition(
            ["paths": ["/a", "/b", "/c"], "kind": "MultiHash", "version": 2])
        #expect(full.kind == .multiHash && full.version == 2 && full.paths == ["/a", "/b", "/c"])
        let system = try PartitionKeyDefinition(["paths": ["/_partitionKey"], "kind": "Hash", "systemKey": true])
        #expect(system.isSystemKey)
    }

    @Test(
        arguments: [
            (["paths": []], .malformedDefinition), (["kind": "Hash"], .malformedDefinition), (1, .malformedDefinition),
            (["paths": [1]], .malformedDefinition), (["paths": ["/a"], "kind": "Range"], .malformedDefinition),
            (["paths": ["/a"], "version": 3], .malformedDefinition),
            (["paths": ["/a"], "version": "2"], .malformedDefinition),
            (["paths": ["/a", "/b"]], .tooManyPaths),
            (["paths": ["/a", "/b"], "kind": "Hash", "version": 2], .tooManyPaths),
            (["paths": ["/a", "/b", "/c", "/d"], "kind": "MultiHash", "version": 2], .tooManyPaths),
            (["paths": ["/a", "/b"], "kind": "MultiHash", "version": 1], .malformedDefinition),
        ] as [(JSONValue, PartitionKeyError)])
    func refusesDefinitions(value: JSONValue, error: PartitionKeyError) {
        #expect(throws: error) { try PartitionKeyDefinition(value) }
    }

    @Test func refusesNoPaths() {
        #expect(throws: PartitionKeyError.malformedDefinition) { try PartitionKeyDefinition(paths: []) }
    }

    @Test func readsKeysFromDocuments() throws {
        func key(_ text: String, _ paths: [String], system: Bool = false) throws -> PartitionKey {
            let kind: PartitionKeyDefinition.Kind = paths.count > 1 ? .multiHash : .hash
            return try PartitionKeyDefinition(paths: paths, kind: kind, isSystemKey: system)
                .partitionKey(of: JSONDocument(parsing: text).root)
        }
        #expect(try key(#"{"a":{"b":"x"}}"#, ["/a/b"]).values == [.string("x")])
        #expect(try key(#"{"a":1}"#, ["/a/b"]).values == [.undefined])
        #expect(try key(#"{"a":{"b":{}}}"#, ["/a/b"]).values == [.undefined])
        #expect(try key(#"{"a":[1]}"#, ["/a"]).values == [.undefined])
        #expect(try key(#"{"a":null}"#, ["/a"]).values == [.null])
        #expect(
            try key(#"{"a":1,"b":true,"c":"\u0041"}"#, ["/a", "/b", "/c"]).values == [
                .number(1), .boolean(true), .string("A"),
            ])
        #expect(try key(#"{}"#, ["/_partitionKey"], system: true).values == [])
        #expect(try key(#"{"_partitionKey":"x"}"#, ["/_partitionKey"], system: true).values == [.string("x")])
    }

    @Test func comparesDocumentAndHeader() throws {
        let document = try JSONDocument(parsing: #"{"a":"x","b":null}"#).root
        let levels = try PartitionKeyDefinition(paths: ["/a", "/b", "/c"], kind: .multiHash)
        func agreed(_ header: String) throws -> String? {
            try levels.partitionKey(of: document, header: PartitionKey(headerText: header))?.headerText
        }
        #expect(try agreed(#"["x",null,{}]"#) == #"["x",null,{}]"#)
        #expect(try agreed(#"["x",null,null]"#) == nil)
        #expect(try agreed(#"["x",{},{}]"#) == nil)
        #expect(try agreed(#"["x",null]"#) == nil)
        #expect(try agreed(#"["y",null,{}]"#) == nil)
        let single = try PartitionKeyDefinition(paths: ["/c"])
        #expect(single.partitionKey(of: document, header: PartitionKey([.undefined])) == PartitionKey([.undefined]))
        #expect(single.partitionKey(of: document, header: PartitionKey([.null])) == nil)
    }
}
