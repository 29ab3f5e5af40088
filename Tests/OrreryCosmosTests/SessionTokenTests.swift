import Testing

@testable import OrreryCosmos
@testable import OrreryEngine

@Suite struct SessionTokenTests {
    private func parse(_ text: String) -> SessionToken? { SessionToken(Array(text.utf8)) }

    @Test func readsAllForms() {
        #expect(parse("0:-1#12")?.parts == [.init(rangeID: 0, version: -1, lsn: 12)])
        #expect(parse("1:3#7#2=5#4=6")?.parts == [.init(rangeID: 1, version: 3, lsn: 7)])
        #expect(parse("0:12")?.parts == [.init(rangeID: 0, version: -1, lsn: 12)])
        #expect(parse("0:-1#12,1:-1#3")?.parts.count == 2)
    }

    @Test(arguments: ["0", "x:1#2", "0:", "0:#", "0:1#x", "-1:1#2", "0:-1#99999999999999999999", ":1#2"])
    func refuses(_ text: String) {
        #expect(parse(text) == nil)
    }

    @Test func takesTheHighestOfARangeAndItsAncestors() throws {
        let token = try #require(parse("0:-1#12,1:-1#15,2:-1#99"))
        #expect(token.minimumLSN(of: [1, 0], in: .first) == 15)
        #expect(token.minimumLSN(of: [0], in: .first) == 12)
        #expect(!token.names([7]))
    }

    @Test func writesWhatItReads() {
        var bytes: [UInt8] = []
        SessionToken.append(rangeID: 3, version: -1, lsn: 44, to: &bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text == "3:-1#44")
        #expect(parse(text)?.parts == [.init(rangeID: 3, version: -1, lsn: 44)])
    }

    @Test func whatACrashTookBackIsNotThere() throws {
        let timeline = Timeline(ends: [100, 150])
        func minimum(_ text: String) throws -> UInt64 {
            try #require(parse(text)).minimumLSN(of: [0], in: timeline)
        }
        #expect(try minimum("0:-1#100") == 100)
        #expect(try minimum("0:-1#101") == .max)
        #expect(try minimum("0:0#120") == 120)
        #expect(try minimum("0:0#151") == .max)
        #expect(try minimum("0:1#9999") == 9999)
        #expect(try minimum("0:2#1") == .max)
        #expect(try minimum("0:-9#1") == 1)
        #expect(try minimum("0:9223372036854775807#1") != 0)
    }
}
