import Testing

@testable import OrreryCosmos

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
        #expect(token.lsn(of: [1, 0]) == 15)
        #expect(token.lsn(of: [0]) == 12)
        #expect(token.lsn(of: [7]) == nil)
    }

    @Test func writesWhatItReads() {
        let text = SessionToken.text(rangeID: 3, version: -1, lsn: 44)
        #expect(text == "3:-1#44")
        #expect(parse(text)?.parts == [.init(rangeID: 3, version: -1, lsn: 44)])
    }
}
