import Testing

import OrreryDocuments

/// Texts that must be accepted or refused, each by the rule it exercises (RFC 8259, RFC 3629).
@Suite struct JSONGrammarTests {
    @Test(arguments: [
        "0", "-0", "1", "-1", "10", "123456789012345678901234567890", "0.0", "1.5", "-0.5", "1e1", "1E1", "1e+1",
        "1e-1", "0e0", "0e999999999", "1.5e300", "1e308", "1e-999", "0.000", "-1.7976931348623157e308",
        "\"\"", "\"a\"", #""\" \\ \/ \b \f \n \r \t""#, #""\u0000\u001f\uFFFF\uffff\uABCD""#, #""\ud83d\ude00""#,
        #""\uDBFF\uDFFF""#, "\"\u{7f}\"", "\"é\"", "\"€\"", "\"😀\"", "\"\u{10FFFF}\"", "\"\u{FFFE}\"", "\"\u{2028}\"",
        "true", "false", "null", " \t\r\n1\n", "[]", "[ ]", "[1]", "[1 , 2]", "[[],[[]],{}]", "{}", "{ }",
        #"{"":0}"#, #"{"a":1,"b":2}"#, #"{ "a" : [ 1 , { "b" : null } ] }"#, #"{"a":{"b":{"c":[]}}}"#,
        #"["long enough to be read eight bytes at a time, and then some more \u00e9 with an escape"]"#,
    ])
    func accepts(text: String) throws {
        _ = try JSONDocument(parsing: text)
        // The same after padding that moves it against the eight-byte steps.
        for padding in 1...8 { _ = try JSONDocument(parsing: String(repeating: " ", count: padding) + text) }
    }

    @Test(
        arguments: [
            ("", .empty, 0), ("  ", .empty, 2), ("\u{FEFF}1", .unexpectedByte, 0),
            ("[", .unexpectedEnd, 1), ("{", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2), ("[1,", .unexpectedEnd, 3),
            ("{\"a\"", .unexpectedEnd, 4), ("{\"a\":", .unexpectedEnd, 5), ("{\"a\":1", .unexpectedEnd, 6),
            ("{\"a\":1,", .unexpectedEnd, 7), ("\"", .unexpectedEnd, 1), ("\"abc", .unexpectedEnd, 4),
            ("\"\\", .unexpectedEnd, 2), ("\"\\u00", .unexpectedEnd, 5), ("tru", .unexpectedEnd, 3),
            ("1 2", .trailingBytes, 2), ("{}}", .trailingBytes, 2), ("1,", .trailingBytes, 1),
            ("null\u{0}", .trailingBytes, 4),
            ("[1,]", .unexpectedByte, 3), ("[,1]", .unexpectedByte, 1), ("[1}", .unexpectedByte, 2),
            ("{\"a\":1]", .unexpectedByte, 6), ("{a:1}", .unexpectedByte, 1), ("{1:1}", .unexpectedByte, 1),
            ("{\"a\",1}", .unexpectedByte, 4), ("{\"a\":1,}", .unexpectedByte, 7), ("{,}", .unexpectedByte, 1),
            ("{\"a\" \"b\"}", .unexpectedByte, 5), ("[1 2]", .unexpectedByte, 3), ("]", .unexpectedByte, 0),
            ("'a'", .unexpectedByte, 0), ("True", .unexpectedByte, 0), ("nul1", .unexpectedByte, 3),
            ("NaN", .unexpectedByte, 0), ("Infinity", .unexpectedByte, 0), ("// 1\n1", .unexpectedByte, 0),
            ("\u{a0}1", .unexpectedByte, 0), ("\u{c}1", .unexpectedByte, 0), (":", .unexpectedByte, 0),
            ("01", .invalidNumber, 0), ("-01", .invalidNumber, 0), ("00", .invalidNumber, 0), ("-", .invalidNumber, 0),
            ("1.", .invalidNumber, 0), ("1.e1", .invalidNumber, 0), ("1e", .invalidNumber, 0),
            ("1e+", .invalidNumber, 0),
            ("-a", .invalidNumber, 0), ("[-]", .invalidNumber, 1), ("+1", .unexpectedByte, 0),
            (".5", .unexpectedByte, 0),
            ("1.5.5", .trailingBytes, 3), ("0x1", .trailingBytes, 1), ("1e1.5", .trailingBytes, 3),
            ("1e309", .numberOutOfRange, 0), ("[-1e400]", .numberOutOfRange, 1),
            ("1e99999999999999999999", .numberOutOfRange, 0),
            ("\"\u{1f}\"", .controlCharacter, 1), ("\"a\nb\"", .controlCharacter, 2),
            ("\"\u{0}\"", .controlCharacter, 1),
            (#""\a""#, .invalidEscape, 1), (#""\x41""#, .invalidEscape, 1), (#""\u12g4""#, .invalidEscape, 5),
            (#""\'""#, .invalidEscape, 1), (#""\ud800""#, .loneSurrogate, 1), (#""\ud800\n""#, .loneSurrogate, 1),
            (#""\ud800\ud800""#, .loneSurrogate, 1), (#""\udc00""#, .loneSurrogate, 1),
            (#""\ud800\u0041""#, .loneSurrogate, 1),
            (#""a\udfff""#, .loneSurrogate, 2),
        ] as [(String, JSONError.Kind, Int)])
    func refuses(text: String, kind: JSONError.Kind, offset: Int) {
        #expect(throws: JSONError(kind, at: offset)) { try JSONDocument(parsing: text) }
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x9F, 0xBF], [0xE0, 0xA0],
            [0xE1, 0x80, 0x41], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x90, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
            [0xC3, 0xA9, 0xA9], [0xF0, 0x9F, 0x98, 0x80, 0x80],
        ] as [[UInt8]])
    func refusesInvalidUTF8(bytes: [UInt8]) {
        for lead in [0, 1, 7, 8, 20] {
            let text = Array("[\"".utf8) + Array(repeating: UInt8(ascii: "x"), count: lead) + bytes + Array("\"]".utf8)
            let error = #expect(throws: JSONError.self) { try JSONDocument(parsing: text) }
            #expect(error?.kind == .invalidUTF8)
        }
        #expect(throws: JSONError.self) { try JSONDocument(parsing: bytes) }
    }

    /// Every proper prefix of a container is refused, so nothing is taken for complete that was cut short.
    @Test func refusesEveryPrefix() throws {
        let text = Array(JSONDocumentTests.item.utf8)
        for length in 0..<text.count {
            #expect(throws: JSONError.self) { try JSONDocument(parsing: Array(text[..<length])) }
        }
        _ = try JSONDocument(parsing: text)
    }

    @Test func describesErrorsWithoutQuotingTheText() {
        #expect(JSONError(.tooDeep, at: 7).description == "nested too deeply at byte 7")
        #expect(
            Set(JSONError.Kind.allCases.map { JSONError($0, at: 0).description }).count == JSONError.Kind.allCases.count
        )
    }
}
