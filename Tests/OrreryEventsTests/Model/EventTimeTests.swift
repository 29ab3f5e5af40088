import Testing

@testable import OrreryEvents

@Suite struct EventTimeTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"),
        ("2026-11-20T20:04:48.121260Z", "2026-11-20T20:04:48.121260Z"),
        ("2026-11-20T20:04:48.1212609z", "2026-11-20T20:04:48.121260Z"),
        ("2018-04-26T14:48:09+02:00", "2018-04-26T12:48:09.000000Z"),
        ("2024-02-29T23:30:00.5-01:00", "2024-03-01T00:30:00.500000Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:60Z", "10000-01-01T00:00:00.000000Z"),
    ])
    func readsAndWrites(text: String, utc: String) throws {
        #expect(EventTime(text)?.text == utc)
    }

    @Test(arguments: [
        "", "2026", "2026-11-20", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00",
        "2026-01-01T00:00:00+2:00", "2026-01-01T00:00:00Zx", "2026-01-0100:00:00Z",
    ])
    func refuses(text: String) {
        #expect(EventTime(text) == nil)
    }

    @Test func anOffsetMayBeAssumed() {
        #expect(EventTime("2026-01-01T00:00:00", assumesUTC: true) == EventTime("2026-01-01T00:00:00Z"))
    }

    @Test func everyDayOfFourCenturies() {
        let first = EventTime("1900-01-01T12:00:00Z")?.microseconds ?? 0
        for day in 0..<146_097 {
            let time = EventTime(microseconds: first + Int64(day) * 86_400_000_000)
            guard EventTime(time.text) == time else {
                Issue.record("\(time.text)")
                return
            }
        }
    }
}
