import Testing

import OrreryDocuments

@Suite struct JSONDocumentTests {
    static let item = #"""
         {"id":"é\u0041","n":1.50,"big":9007199254740993,"yes":true,"no":false,"none":null,
          "list":[1,"x",null,{"deep":[[]]}], "empty":{}, "\u0069n\tner":{"a":{"b":"c"}}}
        """#

    @Test func readsScalars() throws {
        let root = try JSONDocument(parsing: Self.item).root
        #expect(root.kind == .object)
        #expect(root.count == 9)
        #expect(root["id"]?.string == "éA")
        #expect(root["id"]?.stringBytes == Array("éA".utf8))
        #expect(root["n"]?.double == 1.5)
        #expect(root["n"]?.int64 == nil)
        #expect(root["big"]?.int64 == 9_007_199_254_740_993)
        #expect(root["big"]?.double == 9_007_199_254_740_992)
        #expect(root["yes"]?.boolean == true)
        #expect(root["no"]?.boolean == false)
        #expect(root["none"]?.isNull == true)
        #expect(root["missing"] == nil)
        #expect(root["yes"]?.string == nil && root["id"]?.double == nil && root["n"]?.boolean == nil)
    }

    @Test func walksContainers() throws {
        let root = try JSONDocument(parsing: Self.item).root
        let list = try #require(root["list"])
        #expect(list.elements.map(\.kind) == [.number, .string, .null, .object])
        #expect(list[3]?["deep"]?[0]?.count == 0)
        #expect(list[4] == nil && list[-1] == nil && list["x"] == nil && root[0] == nil)
        #expect(root["in\tner"]?["a"]?["b"]?.string == "c")
        #expect(root[utf8: Array("empty".utf8)]?.count == 0)
        #expect(
            root.members.map(\.name) == ["id", "n", "big", "yes", "no", "none", "list", "empty", "in\tner"])
        #expect(list.members.map(\.name) == [] && root.elements.map(\.kind) == [])
    }

    @Test func keepsTextsByteForByte() throws {
        let document = try JSONDocument(parsing: Self.item)
        func text(_ node: JSONNode?) -> String? { node.map { String(decoding: $0.text, as: UTF8.self) } }
        #expect(text(document.root["n"]) == "1.50")
        #expect(text(document.root["id"]) == #""é\u0041""#)
        #expect(text(document.root["list"]) == #"[1,"x",null,{"deep":[[]]}]"#)
        #expect(document.text == Array(Self.item.utf8))
        let range = try #require(document.root["empty"]?.textRange)
        #expect(String(decoding: document.text[range], as: UTF8.self) == "{}")
        #expect(document.root["list"]?.document.text == document.text)
    }

    @Test(arguments: [
        (#"{"a":1,"a":2}"#, "a", 2),
        (#"{"a":1,"b":0,"a":2,"a":{"a":3},"b":5}"#, "b", 5),
        (#"{"a":1,"\u0061":2}"#, "a", 2),
        (#"{"\u0061":1,"a":2}"#, "a", 2),
        (#"{"a":1,"a":3,"\u0062":2,"b":7,"a":4}"#, "a", 4),
        (#"{"\ud83d\ude00":1,"😀":2}"#, "😀", 2),
        (#"{"":1,"x":0,"":2}"#, "", 2),
        (#"{"longer than eight bytes 1":1,"longer than eight bytes 2":2}"#, "longer than eight bytes 2", 2),
        (#"{"longer than eight":1,"longer than eight":2}"#, "longer than eight", 2),
    ])
    func lastOfRepeatedNamesWins(text: String, name: String, value: Int64) throws {
        let root = try JSONDocument(parsing: text).root
        #expect(root[name]?.int64 == value)
        let members = Array(root.members)
        #expect(members.count == root.count)
        #expect(members.count { $0.name == name } == 1)
        #expect(members.first { $0.name == name }?.value.int64 == value)
        #expect(JSONValue(root)[name]?.int64 == value)
    }

    @Test(arguments: [2, 3, 21, 22, 64, 65, 1000], [#"name"#, #"\u006eame"#])
    func findsEveryRepeatedNameInObjectsOfAnySize(distinct: Int, secondSpelling: String) throws {
        let names = (0..<distinct * 3).map { ($0 / distinct == 1 ? secondSpelling : "name") + "\($0 % distinct)" }
        let text = "{" + names.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",") + "}"
        let root = try JSONDocument(parsing: text).root
        #expect(root.count == distinct)
        #expect(root.members.map(\.name) == (0..<distinct).map { "name\($0)" })
        #expect(root.members.map { $0.value.int64 } == (0..<distinct).map { Int64(2 * distinct + $0) })
        #expect(root["name\(distinct - 1)"]?.int64 == Int64(3 * distinct - 1))
    }

    @Test func namesAreComparedByBytesNotByCanonicalEquivalence() throws {
        let root = try JSONDocument(parsing: "{\"caf\u{e9}\":1,\"cafe\u{301}\":2}").root
        #expect(root.count == 2)
        #expect(root["caf\u{e9}"]?.int64 == 1)
        #expect(root["cafe\u{301}"]?.int64 == 2)
        var value = JSONValue(root)
        #expect(value["caf\u{e9}"]?.int64 == 1)
        value["cafe\u{301}"] = nil
        #expect(value.members?.count == 1)
    }

    @Test func nestsUpToTheLimit() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try JSONDocument(parsing: nested(128)).root.count == 1)
        #expect(throws: JSONError(.tooDeep, at: 128)) { try JSONDocument(parsing: nested(129)) }
        #expect(throws: JSONError(.tooDeep, at: 1)) {
            try JSONDocument(parsing: "[{}]", limits: JSONLimits(depthMax: 1))
        }
        #expect(throws: JSONError(.tooDeep, at: 0)) { try JSONDocument(parsing: "[]", limits: JSONLimits(depthMax: 0)) }
        #expect(try JSONDocument(parsing: "1", limits: JSONLimits(depthMax: 0)).root.int64 == 1)
    }
}
