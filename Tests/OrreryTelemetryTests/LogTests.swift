import OrreryTelemetry
import Synchronization
import Testing

@Suite struct LogTests {
    /// The line of one event, without its time.
    private func line(_ value: LogValue) -> String {
        let lines = Mutex<[String]>([])
        let log = Log(level: .debug) { line in lines.withLock { $0.append(line) } }
        log.info("event", [("value", value)])
        let line = lines.withLock { $0.joined() }
        return String(line.drop { $0 != " " }.dropFirst())
    }

    @Test(arguments: [
        (LogValue.text("bare:/1.2"), "bare:/1.2"), (.text("two words"), #""two words""#), (.text(""), #""""#),
        (.text("a=b"), #""a=b""#), (.text("a\n\"b\\\u{0}\u{2028}"), #""a\n\"b\\\u0000\u2028""#), (.text("é"), #""é""#),
        (.integer(-1), "-1"), (.double(0.5), "0.5"), (.boolean(true), "true"),
    ])
    func values(value: LogValue, text: String) {
        #expect(line(value) == "level=info event=event value=\(text)\n")
    }

    @Test func longTextIsCut() {
        let text = line(.text(String(repeating: "é", count: 10_000)))
        #expect(text.utf8.count < 600)
        #expect(text.hasSuffix("é…\"\n"))
    }

    @Test func levels() {
        let lines = Mutex<[String]>([])
        let log = Log(level: .warning) { line in lines.withLock { $0.append(line) } }
        log.error("e")
        log.warning("two words")
        log.info("i")
        log.debug("d")
        let events = lines.withLock { $0.map { String($0.drop { $0 != " " }.dropFirst()) } }
        #expect(events == ["level=error event=e\n", "level=warning event=\"two words\"\n"])
    }

    @Test func timeIsUTCWithMilliseconds() throws {
        let lines = Mutex<[String]>([])
        Log(level: .info) { line in lines.withLock { $0.append(line) } }.info("x")
        let line = lines.withLock { $0.joined() }
        #expect(try #/time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=info event=x\n/#.wholeMatch(in: line) != nil)
    }
}
