import Testing

import OrreryDocuments

@Suite struct JSONWriterTests {
    @Test func setsCommas() throws {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("a")
        writer.beginArray()
        writer.number(1)
        writer.null()
        writer.beginArray()
        writer.endArray()
        writer.boolean(false)
        writer.endArray()
        writer.name("b")
        writer.beginObject()
        writer.endObject()
        writer.name("c\"")
        writer.raw(try JSONDocument(parsing: " [1.0 , 2] ").root)
        writer.endObject()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"a":[1,null,[],false],"b":{},"c\"":[1.0 , 2]}"#)
    }

    @Test(
        arguments: [
            (0, "0"), (-0.0, "-0"), (1, "1"), (-1, "-1"), (1.5, "1.5"), (0.1, "0.1"), (100, "100"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"), (1.5e21, "1.5e+21"), (123_456_789_012_345_683_968, "123456789012345680000"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"), (1.5e-7, "1.5e-7"), (.leastNonzeroMagnitude, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"),
            (-123.456, "-123.456"), (9_007_199_254_740_992, "9007199254740992"),
            (0.30000000000000004, "0.30000000000000004"),
            (.infinity, "null"), (.nan, "null"),
        ] as [(Double, String)])
    func writesDoublesAsECMAScriptDoes(value: Double, text: String) {
        #expect(JSONValue.number(value).description == text)
    }

    @Test(arguments: [0, 1, -1, .max, .min, 10, -10, 9_007_199_254_740_993] as [Int64])
    func writesIntegersExactly(value: Int64) throws {
        #expect(JSONValue.number(value).description == "\(value)")
        #expect(try JSONValue(parsing: "\(value)").int64 == value)
    }

    @Test func keepsTheTextOfParsedNumbers() throws {
        for text in ["1.0", "1e2", "-0", "0.10", "9223372036854775808", "1E-1", "12345678901234567890.5", "7"] {
            #expect(try JSONValue(parsing: text).description == text)
        }
        #expect(try JSONValue(parsing: "-0").int64 == 0)
        #expect(try JSONValue(parsing: "-0.0").int64 == nil)
        #expect(try JSONValue(parsing: "9223372036854775808").int64 == nil)
        #expect(try JSONValue(parsing: "-9223372036854775808").int64 == .min)
    }

    @Test func escapes() {
        let text = "\u{0}\u{8}\t\n\u{c}\r\u{1f}\"\\/\u{7f}é€😀"
        #expect(JSONValue.string(text).description == #""\u0000\b\t\n\f\r\u001f\"\\/"# + "\u{7f}é€😀\"")
        var writer = JSONWriter(escapesNonASCII: true)
        writer.string(text)
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #""\u0000\b\t\n\f\r\u001f\"\\/"# + "\u{7f}" + #"\u00e9\u20ac\ud83d\ude00""#)
    }

    @Test func literalsRead() {
        var value: JSONValue = ["id": "a", "list": [1, 2.5, nil, true], "id": "b"]
        #expect(value.description == #"{"id":"b","list":[1,2.5,null,true]}"#)
        value["new"] = ["x": 1]
        value["list"] = nil
        #expect(value == ["new": ["x": 1], "id": "b"])
        #expect(value["new"]?["x"]?.int64 == 1)
    }
}
