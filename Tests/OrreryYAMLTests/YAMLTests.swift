import OrreryDocuments
import OrreryYAML
import Testing

@Suite struct YAMLTests {
    /// Documents, and what they are in JSON.
    @Test(arguments: [
        ("a: 1\nb: [x, 'y', \"z\\n\"]\nc:\n  - d: {}\n  -\n", #"{"a":1,"b":["x","y","z\n"],"c":[{"d":{}},null]}"#),
        ("%YAML 1.2\n---\n# note\ntext: |\n  one\n  two\nfolded: >-\n  three\n  four\n...\n",
         #"{"text":"one\ntwo\n","folded":"three four"}"#),
        ("'200': {}\n404: {}\ntrue: 1\n~: 2\n", #"{"200":{},"404":{},"true":1,"~":2}"#),
        ("&a x: &b y\n", #"{"x":"y"}"#), ("!!map {a: !!str 1, b: ! 2, c: !!seq []}", #"{"a":"1","b":"2","c":[]}"#),
        (#"{"a": [1, 2.5, "\u00e9\/"]}"#, #"{"a":[1,2.5,"é/"]}"#), ("\u{FEFF}a: é\r\n", #"{"a":"é"}"#),
        ("- é\n- e\u{301}\n", "[\"é\",\"e\u{301}\"]"), ("\"é\": 1\n\"e\u{301}\": 2\n", "{\"é\":1,\"e\u{301}\":2}"),
        ("'<<': 1\n", #"{"<<":1}"#), ("text", #""text""#), ("---\n", "null"),
    ])
    func documents(_ text: String, _ json: String) throws {
        #expect(String(decoding: try JSONValue(yaml: Array(text.utf8)).text, as: UTF8.self) == json)
    }

    /// Scalars without quotes, by the core schema and no other.
    @Test(arguments: [
        ("", "null"), ("~", "null"), ("Null", "null"), ("nULL", #""nULL""#), ("True", "true"), ("FALSE", "false"),
        ("yes", #""yes""#), ("on", #""on""#), ("Off", #""Off""#), ("y", #""y""#), ("12", "12"), ("-0", "-0"),
        ("+12", "12"), ("007", "7"), ("0o17", "15"), ("0x1F", "31"), ("0x-1", #""0x-1""#), ("0o8", #""0o8""#),
        ("0b1", #""0b1""#), ("1_000", #""1_000""#), ("1:30", #""1:30""#), ("2001-01-01", #""2001-01-01""#),
        (".5", "0.5"), ("5.", "5"), ("-.5e3", "-0.5e3"), ("1e3", "1e3"), ("1E+02", "1E+02"), ("1e", #""1e""#),
        (".", "\".\""), ("3.1.0", #""3.1.0""#), ("-", #""-""#), ("12345678901234567890", "12345678901234567890"),
    ])
    func scalars(_ text: String, _ json: String) throws {
        // As a value in a list, but for the hyphen, which begins one.
        let document = text == "-" ? "a: '-'" : "a: \(text)"
        let value = try JSONValue(yaml: Array(document.utf8))["a"]
        #expect(value.map { String(decoding: $0.text, as: UTF8.self) } == json)
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: 'a' is there twice"),
        ("a: &x 1\nb: *x\n", "line 2, column 4: aliases are not read: what '*x' stands for has to be written out"),
        ("a: &x {}\nb:\n  <<: *x\n", "line 3, column 3: merge keys are not read"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1: a second document"), ("", "line 1, column 1: there is no document"),
        ("# nothing\n", "line 2, column 1: there is no document"),
        ("a:\n\tb: 1\n", "line 2, column 1: found character that cannot start any token"),
        ("a: [1, 2\n", "line 2, column 1: did not find expected ',' or ']'"),
        ("a: b: c\n", "line 1, column 5: mapping values are not allowed in this context"),
        ("? [a]\n: 1\n", "line 1, column 3: a name must be a text"),
        ("? {}\n: 1\n", "line 1, column 3: a name must be a text"),
        ("a: !x 1\n", "line 1, column 4: the tag '!x' is not read"),
        ("a: !!binary aGk=\n", "line 1, column 4: the tag 'tag:yaml.org,2002:binary' is not read"),
        ("a: .inf\n", "line 1, column 4: JSON has no number such as '.inf'"),
        ("a: -.INF\n", "line 1, column 4: JSON has no number such as '-.INF'"),
        ("a: 0xFFFFFFFFFFFFFFFFFF\n", "line 1, column 4: JSON has no number such as '0xFFFFFFFFFFFFFFFFFF'"),
        ("%TAG ! tag:x,2000:\n---\na\n", "line 1, column 1: %TAG is not read"),
        ("# a\u{85}%TAG ! tag:x,2000:\n---\na\n", "line 1, column 1: %TAG is not read"),
        ("# a\u{2028}%TAG ! tag:x,2000:\n---\na\n", "line 1, column 1: %TAG is not read"),
        ("# a\u{2029}%TAG ! tag:x,2000:\n---\na\n", "line 1, column 1: %TAG is not read"),
        ("a: é\u{1}\n", "line 1, column 5: control characters are not allowed"),
        ("a: \"\\q\"\n", "line 1, column 5: found unknown escape character"),
    ])
    func mistakes(_ text: String, _ message: String) {
        let error = #expect(throws: YAMLError.self) { try JSONValue(yaml: Array(text.utf8)) }
        #expect(error?.description == message)
    }

    @Test func whatIsNotUTF8IsRefused() {
        for bytes: [UInt8] in [[0x61, 0x3A, 0x20, 0xFF], [0xFF, 0xFE, 0x61, 0x00], [0xC0, 0x80], [0xED, 0xA0, 0x80]] {
            let error = #expect(throws: YAMLError.self) { try JSONValue(yaml: bytes) }
            #expect(error?.message == "it is not UTF-8")
        }
    }

    /// As deep as is allowed and no deeper, in each form that nests; and far deeper.
    @Test(arguments: [64, 65, 500, 200_000]) func nestingHasALimit(_ depth: Int) throws {
        let flow = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let lists = String(repeating: "- ", count: depth - 1) + "- 1"
        let pairs = String(repeating: "{a: ", count: depth) + "1" + String(repeating: "}", count: depth)
        for text in [flow, lists, pairs] {
            if depth <= 64 {
                _ = try JSONValue(yaml: Array(text.utf8))
            } else {
                let error = #expect(throws: YAMLError.self) { try JSONValue(yaml: Array(text.utf8)) }
                // The library has a limit of its own for what it has to look ahead for.
                #expect(error?.message == "nested too deeply" || depth > 65)
            }
        }
    }

    /// Each level is twice the one before: 2^40 texts, were aliases followed.
    @Test func aBombIsRefused() {
        var text = "a0: &a0 x\n"
        for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(throws: YAMLError.self) { try JSONValue(yaml: Array(text.utf8)) }
    }

    /// Any bytes give a value or an error, and a value can be written and read again.
    @Test(arguments: 1...20) func anyBytesAreAnswered(_ seed: UInt64) throws {
        var random = SystemRandomSource(seed)
        let signs = Array("ab1.-+:?,[]{}#&*!|>'\"%@`\\~<=\n\n  \t\r\u{E9}0x".utf8)
        for _ in 0..<500 {
            let text = (0..<Int(random.next() % 40)).map { _ in signs[Int(random.next() % UInt64(signs.count))] }
            guard let value = try? JSONValue(yaml: text) else { continue }
            #expect(throws: Never.self, "seed \(seed): \(text)") { _ = try JSONValue(parsing: value.text) }
        }
    }

    /// SplitMix64.
    private struct SystemRandomSource {
        private var state: UInt64
        init(_ seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
            return word ^ word >> 31
        }
    }
}
