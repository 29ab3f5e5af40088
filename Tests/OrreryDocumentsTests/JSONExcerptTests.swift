import OrreryDocuments
import Testing

@Suite struct JSONExcerptTests {
    private func excerpt(_ text: String, _ names: String...) -> String? {
        var bytes = Array("before".utf8)
        let utf8 = Array(text.utf8)
        guard JSONExcerpt(names: names.map { Array($0.utf8) }).append(of: utf8.span, to: &bytes) else {
            #expect(bytes == Array("before".utf8))
            return nil
        }
        return String(decoding: bytes.dropFirst(6), as: UTF8.self)
    }

    @Test func membersAreTakenAsTheyStand() {
        #expect(excerpt(#"{"a":1,"b":"x","c":[1,{"a":2}]}"#, "a", "c") == #"{"a":1,"c":[1,{"a":2}]}"#)
        #expect(excerpt(#" { "a" : 1.50 , "b":null, "é":true }  "#, "é", "a") == #"{"a" : 1.50,"é":true}"#)
        #expect(excerpt(#"{"a":{"b":{"a":"}\"]"}},"b":2}"#, "b") == #"{"b":2}"#)
        #expect(excerpt(#"{"text":"a \\\" quote, and {a brace","b":"\\"}"#, "b") == #"{"b":"\\"}"#)
        #expect(excerpt("{}", "a") == "{}")
        #expect(excerpt(#"{"a":1}"#) == "{}")
    }

    @Test func repeatedMembersAreAllTaken() {
        #expect(excerpt(#"{"a":1,"b":2,"a":3}"#, "a") == #"{"a":1,"a":3}"#)
    }

    @Test func whatIsNotUnderstoodIsLeftWhole() {
        #expect(excerpt(#"{"\u0061":1}"#, "a") == nil)
        #expect(excerpt("[1]", "a") == nil)
        #expect(excerpt("", "a") == nil)
    }

    @Test func cutTextsEndTheWalk() {
        let text = #"{"a":"bcd\"e","f":[1,{"g":"h"}],"i":tru}"#
        for count in 0..<text.utf8.count {
            #expect(excerpt(String(text.prefix(count)), "i", "f") == nil, "\(count)")
        }
    }

    /// Strings are passed many bytes at a time: wherever a quote or an escape stands, and however the text goes on.
    @Test func stringsEndWhereTheirQuoteIs() {
        for count in 0..<80 {
            let plain = String(repeating: "x", count: count)
            for middle in ["", #"\""#, #"\\"#, #"\\\""#, #"\u0022"#] {
                for rest in ["", String(repeating: " ", count: 40)] {
                    let text = #"{"a":"\#(plain)\#(middle)\#(plain)","b":1\#(rest)}"#
                    #expect(excerpt(text, "b") == #"{"b":1}"#, "\(text)")
                }
            }
        }
    }

    /// What is read of an excerpt is what is read of the whole.
    @Test func excerptsReadAsTheWhole() throws {
        var random = SystemRandomNumberGenerator()
        let names = ["a", "bb", "ccc", "a b", "é", ""]
        func value(_ depth: Int) -> String {
            switch Int.random(in: 0..<(depth > 2 ? 5 : 7), using: &random) {
            case 0: return "\(Int.random(in: -99...99, using: &random))"
            case 1: return "-1.5e3"
            case 2: return ["true", "false", "null"].randomElement(using: &random) ?? ""
            case 3: return #""\#(String(repeating: "x", count: .random(in: 0...20, using: &random)))\\""#
            case 4: return #""\"{[,:]}\"""#
            case 5: return "[" + (0..<2).map { _ in value(depth + 1) }.joined(separator: " ,") + "]"
            default: return object(depth + 1)
            }
        }
        func object(_ depth: Int) -> String {
            let members = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                "\"\(names.randomElement(using: &random) ?? "")\" :\(value(depth))"
            }
            return "{ " + members.joined(separator: ", ") + "}"
        }
        for _ in 0..<500 {
            let text = object(0)
            let wanted = names.filter { _ in Bool.random(using: &random) }
            var bytes: [UInt8] = []
            let utf8 = Array(text.utf8)
            #expect(JSONExcerpt(names: wanted.map { Array($0.utf8) }).append(of: utf8.span, to: &bytes), "\(text)")
            let (whole, part) = (try JSONDocument(parsing: text), try JSONDocument(parsing: bytes))
            for name in wanted {
                #expect(whole.root[name]?.text == part.root[name]?.text, "\(text), \(name)")
            }
        }
    }
}
