import Testing

import OrreryDocuments

@Suite struct JSONPatchTests {
    /// Each row: document, operations, patched text.
    @Test(arguments: [
        // add
        ("{}", #"{"op":"add","path":"/a","value":1}"#, #"{"a":1}"#),
        (#"{"a":1.0}"#, #"{"op":"add","path":"/b","value":{"c":[1.50]}}"#, #"{"a":1.0,"b":{"c":[1.50]}}"#),
        (#"{"a":1,"b":2}"#, #"{"op":"add","path":"/a","value":null}"#, #"{"a":null,"b":2}"#),
        (#"{"l":[1,2]}"#, #"{"op":"add","path":"/l/0","value":0}"#, #"{"l":[0,1,2]}"#),
        (#"{"l":[1,2]}"#, #"{"op":"add","path":"/l/1","value":0}"#, #"{"l":[1,0,2]}"#),
        (#"{"l":[1,2]}"#, #"{"op":"add","path":"/l/2","value":0}"#, #"{"l":[1,2,0]}"#),
        (#"{"l":[1,2]}"#, #"{"op":"add","path":"/l/-","value":0}"#, #"{"l":[1,2,0]}"#),
        (#"{"l":[]}"#, #"{"op":"add","path":"/l/-","value":0}"#, #"{"l":[0]}"#),
        (#"{"l":[{"x":1}]}"#, #"{"op":"add","path":"/l/0/y","value":2}"#, #"{"l":[{"x":1,"y":2}]}"#),
        // set
        ("{}", #"{"op":"set","path":"/a","value":1}"#, #"{"a":1}"#),
        (#"{"a":1}"#, #"{"op":"set","path":"/a","value":"x"}"#, #"{"a":"x"}"#),
        (#"{"l":[1,2]}"#, #"{"op":"set","path":"/l/0","value":0}"#, #"{"l":[0,2]}"#),
        (#"{"l":[1,2]}"#, #"{"op":"set","path":"/l/2","value":0}"#, #"{"l":[1,2,0]}"#),
        (#"{"l":[1,2]}"#, #"{"op":"set","path":"/l/-","value":0}"#, #"{"l":[1,2,0]}"#),
        // replace
        (#"{"a":{"b":1}}"#, #"{"op":"replace","path":"/a/b","value":[2]}"#, #"{"a":{"b":[2]}}"#),
        (#"{"l":[1,2]}"#, #"{"op":"replace","path":"/l/1","value":0}"#, #"{"l":[1,0]}"#),
        // remove
        (#"{"a":1,"b":2}"#, #"{"op":"remove","path":"/a"}"#, #"{"b":2}"#),
        (#"{"a":1}"#, #"{"op":"remove","path":"/a"}"#, "{}"),
        (#"{"l":[1,2,3]}"#, #"{"op":"remove","path":"/l/1"}"#, #"{"l":[1,3]}"#),
        (#"{"a":1,"\u0061":2,"b":3}"#, #"{"op":"remove","path":"/a"}"#, #"{"b":3}"#),
        // incr
        (#"{"n":1}"#, #"{"op":"incr","path":"/n","value":2}"#, #"{"n":3}"#),
        (#"{"n":1}"#, #"{"op":"incr","path":"/n","value":-2}"#, #"{"n":-1}"#),
        (#"{"n":1}"#, #"{"op":"incr","path":"/n","value":0.5}"#, #"{"n":1.5}"#),
        (#"{"n":1.5}"#, #"{"op":"incr","path":"/n","value":0.5}"#, #"{"n":2}"#),
        ("{}", #"{"op":"incr","path":"/n","value":2.50}"#, #"{"n":2.50}"#),
        (#"{"l":[1]}"#, #"{"op":"incr","path":"/l/0","value":1}"#, #"{"l":[2]}"#),
        (#"{"n":9007199254740993}"#, #"{"op":"incr","path":"/n","value":1}"#, #"{"n":9007199254740994}"#),
        (#"{"n":9223372036854775807}"#, #"{"op":"incr","path":"/n","value":1}"#, #"{"n":9223372036854776000}"#),
        // move
        (#"{"a":1,"b":2}"#, #"{"op":"move","from":"/a","path":"/c"}"#, #"{"b":2,"c":1}"#),
        (#"{"a":1,"b":2}"#, #"{"op":"move","from":"/a","path":"/b"}"#, #"{"b":1}"#),
        (#"{"a":{"x":1},"l":[9]}"#, #"{"op":"move","from":"/a/x","path":"/l/0"}"#, #"{"a":{},"l":[1,9]}"#),
        (#"{"l":[1,2,3]}"#, #"{"op":"move","from":"/l/0","path":"/l/2"}"#, #"{"l":[2,3,1]}"#),
        (#"{"a":{"b":1}}"#, #"{"op":"move","from":"/a/b","path":"/a"}"#, #"{"a":1}"#),
        (#"{"a":1}"#, #"{"op":"move","from":"/a","path":"/a"}"#, #"{"a":1}"#),
        // names
        (
            #"{"a/b":1,"m~n":2,"":3,"\u00e9":4}"#,
            #"{"op":"remove","path":"/a~1b"},{"op":"remove","path":"/m~0n"},{"op":"set","path":"/","value":5},"#
                + #"{"op":"replace","path":"/é","value":6}"#,
            #"{"":5,"\u00e9":6}"#
        ),
        (#"{"0":1}"#, #"{"op":"replace","path":"/0","value":2}"#, #"{"0":2}"#),
        (#"{}"#, #"{"op":"add","path":"/q\"\\","value":2}"#, #"{"q\"\\":2}"#),
        // one after another
        (
            #"{"a":1}"#,
            #"{"op":"add","path":"/b","value":{}},{"op":"add","path":"/b/c","value":[]},"#
                + #"{"op":"add","path":"/b/c/-","value":7},{"op":"incr","path":"/b/c/0","value":1}"#,
            #"{"a":1,"b":{"c":[8]}}"#
        ),
    ])
    func applies(document: String, operations: String, expected: String) throws {
        let patch = try JSONPatch(JSONDocument(parsing: "[\(operations)]").root)
        let result = try patch.apply(to: JSONDocument(parsing: document))
        #expect(String(decoding: result.text, as: UTF8.self) == expected)
    }

    @Test func keepsWhatItDoesNotNameByteForByte() throws {
        let document = #" { "a" : 1.500 , "b" : [ 1e2, "\u0041" ] , "c" : { "d" : -0.0 , "e": 1 } } "#
        let patch = try JSONPatch(JSONDocument(parsing: #"[{"op":"set","path":"/c/e","value":2}]"#).root)
        let result = try patch.apply(to: JSONDocument(parsing: document))
        #expect(
            String(decoding: result.text, as: UTF8.self)
                == #" { "a" : 1.500 , "b" : [ 1e2, "\u0041" ] , "c" : { "d" : -0.0 , "e": 2 } } "#)
    }

    @Test(
        arguments: [
            (
                #"{"op":"replace","path":"/x","value":1}"#, .absent,
                "For Operation(1): Node(/x) to be replaced is absent."
            ),
            (
                #"{"op":"replace","path":"/x/y","value":1}"#, .absent,
                "For Operation(1): Node(/x/y) to be replaced is absent."
            ),
            (#"{"op":"remove","path":"/x"}"#, .absent, "For Operation(1): Node(/x) to be removed is absent."),
            (#"{"op":"remove","path":"/a/x"}"#, .absent, "For Operation(1): Node(/a/x) to be removed is absent."),
            (#"{"op":"remove","path":"/l/-"}"#, .absent, "For Operation(1): Node(/l/-) to be removed is absent."),
            (
                #"{"op":"remove","path":"/l/2"}"#, .positionOutOfBounds,
                "For Operation(1): Index(2) to operate on is out of array bounds."
            ),
            (
                #"{"op":"replace","path":"/l/2","value":1}"#, .positionOutOfBounds,
                "For Operation(1): Index(2) to operate on"
            ),
            (
                #"{"op":"replace","path":"/l/-","value":1}"#, .positionOutOfBounds,
                "For Operation(1): Index(-) to operate on"
            ),
            (
                #"{"op":"add","path":"/l/3","value":1}"#, .positionOutOfBounds,
                "For Operation(1): Index(3) to operate on"
            ),
            (
                #"{"op":"set","path":"/l/3","value":1}"#, .positionOutOfBounds,
                "For Operation(1): Index(3) to operate on"
            ),
            (
                #"{"op":"add","path":"/l/x","value":1}"#, .noParent,
                "For Operation(1): Add Operation can only create a child object of an existing node(array or object) "
                    + "and cannot create path recursively, no path found beyond: /l/x."
            ),
            (#"{"op":"add","path":"/l/01","value":1}"#, .noParent, "For Operation(1): Add Operation"),
            (#"{"op":"add","path":"/x/y","value":1}"#, .noParent, "For Operation(1): Add Operation"),
            (#"{"op":"set","path":"/a/y","value":1}"#, .noParent, "For Operation(1): Given Operation"),
            (#"{"op":"incr","path":"/x/y","value":1}"#, .noParent, "For Operation(1): Given Operation"),
            (#"{"op":"incr","path":"/s","value":1}"#, .notANumber, "For Operation(1): Node(/s) is not a number."),
            (#"{"op":"incr","path":"/huge","value":1e308}"#, .numberOutOfRange, "For Operation(1): Node(/huge)"),
            (#"{"op":"move","from":"/x","path":"/y"}"#, .absent, "For Operation(1): Node(/x) to be moved is absent."),
            (#"{"op":"move","from":"/a","path":"/x/y"}"#, .noParent, "For Operation(1): Given Operation"),
            (#"{"op":"set","path":"/a","value":2},{"op":"remove","path":"/x"}"#, .absent, "For Operation(2): Node(/x)"),
        ] as [(String, JSONPatchError.Kind, String)])
    func refusesToApply(operations: String, kind: JSONPatchError.Kind, message: String) throws {
        let document = try JSONDocument(parsing: #"{"a":1,"l":[1,2],"s":"x","huge":1.7e308}"#)
        let patch = try JSONPatch(JSONDocument(parsing: #"{"operations":[\#(operations)]}"#).root)
        let error = #expect(throws: JSONPatchError.self) { try patch.apply(to: document) }
        #expect(error?.kind == kind)
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        "{}", "[]", "1", #"{"operations":{}}"#, #"{"operations":[]}"#, #"{"operations":[1]}"#, #"[{"op":"add"}]"#,
        #"[{"op":"add","path":"/a"}]"#, #"[{"op":"add","path":"a","value":1}]"#, #"[{"op":"add","path":"","value":1}]"#,
        #"[{"op":"add","path":"/~2","value":1}]"#, #"[{"op":"add","path":"/a~","value":1}]"#,
        #"[{"op":"copy","path":"/a","from":"/b"}]"#, #"[{"op":"move","path":"/a"}]"#,
        #"[{"op":"add","path":1,"value":1}]"#,
        #"[{"op":"incr","path":"/a","value":"1"}]"#, #"[{"op":"incr","path":"/a"}]"#, #"[{"path":"/a","value":1}]"#,
        #"{"operations":[{"op":"remove","path":"/a"}],"condition":1}"#,
    ])
    func refusesMalformedPatches(body: String) throws {
        let error = #expect(throws: JSONPatchError.self) { try JSONPatch(JSONDocument(parsing: body).root) }
        #expect(error?.kind == .malformed)
        #expect(error?.description == "Invalid patch request: check syntax of patch specification.")
    }

    @Test func limitsAndProtects() throws {
        func patch(_ count: Int) throws -> JSONPatch {
            let operations = Array(repeating: #"{"op":"incr","path":"/n","value":1}"#, count: count).joined(
                separator: ",")
            return try JSONPatch(
                JSONDocument(parsing: #"{"operations":[\#(operations)],"condition":"from c where true"}"#).root)
        }
        let ten = try patch(10)
        #expect(ten.condition == "from c where true")
        #expect(try ten.apply(to: JSONDocument(parsing: "{}")).root["n"]?.int64 == 10)
        let error = #expect(throws: JSONPatchError.self) { try patch(11) }
        #expect(error?.description == "The number of patch operations cannot exceed 10.")
        #expect(throws: JSONPatchError.self) { try ten.check(protecting: [[Array("n".utf8)]]) }
        #expect(throws: JSONPatchError.self) { try ten.check(protecting: [[Array("n".utf8), Array("deep".utf8)]]) }
        #expect(throws: Never.self) { try ten.check(protecting: [[Array("id".utf8)], [Array("nn".utf8)]]) }
    }

    @Test func refusesToMoveBelowItself() throws {
        let error = #expect(throws: JSONPatchError.self) {
            try JSONPatch(JSONDocument(parsing: #"[{"op":"move","from":"/a","path":"/a/b"}]"#).root)
        }
        #expect(error?.kind == .moveBelowItself && error?.operation == 1)
    }

    @Test func refusesToNestTooDeeply() throws {
        let deep = String(repeating: "[", count: 127) + String(repeating: "]", count: 127)
        let patch = try JSONPatch(
            JSONDocument(parsing: #"[{"op":"add","path":"/a/b","value":\#(deep)}]"#, limits: .request).root)
        #expect(throws: JSONPatchError.self) { try patch.apply(to: JSONDocument(parsing: #"{"a":{}}"#)) }
        #expect(throws: Never.self) {
            try JSONPatch(JSONDocument(parsing: #"[{"op":"add","path":"/b","value":\#(deep)}]"#, limits: .request).root)
                .apply(to: JSONDocument(parsing: "{}"))
        }
    }
}
