import OrreryHTTP
import Testing

@Suite struct HTTPDateTests {
    @Test(arguments: [
        ("Thu, 01 Jan 1970 00:00:00 GMT", Int64(0)), ("Fri, 20 Nov 2026 23:40:00 GMT", 1_795_218_000),
        ("Tue, 29 Feb 2000 12:34:56 GMT", 951_827_696), ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
    ])
    func readsAndWrites(_ text: String, _ seconds: Int64) {
        #expect(HTTPDate.seconds(Array(text.utf8)) == seconds)
        #expect(HTTPDate.seconds(Array(text.lowercased().utf8)) == seconds)
        #expect(HTTPDate.text(seconds: seconds) == text)
    }

    @Test(arguments: [
        "", "Fri, 20 Nov 2026", "Fri, 20 Foo 2026 23:40:00 GMT", "Fri, 20 Nov 2026 24:40:00 GMT",
        "Fri, 20 Nov 2026 23:40:00 CET", "2026-11-20T23:40:00.000Zxxxxx", "Fri, xx Nov 2026 23:40:00 GMT",
    ])
    func refuses(_ text: String) {
        #expect(HTTPDate.seconds(Array(text.utf8)) == nil)
    }
}
