import Foundation
import Testing

@testable import OrreryTriggers

/// When a schedule is due.
@Suite struct CronScheduleTests {
    private func seconds(_ text: String) throws -> Int64 {
        Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970)
    }

    private func next(_ schedule: String, _ time: String, _ zone: TimeZoneRules = .utc) throws -> String? {
        let schedule = try #require(CronSchedule(schedule))
        return schedule.next(afterSeconds: try seconds(time), in: zone).map {
            Date(timeIntervalSince1970: Double($0)).formatted(.iso8601)
        }
    }

    @Test(arguments: [
        ("0 0 3 * * *", "2026-11-21T02:59:59Z", "2026-11-21T03:00:00Z"),
        ("0 0 3 * * *", "2026-11-21T03:00:00Z", "2026-11-22T03:00:00Z"),
        ("*/15 * * * * *", "2026-12-31T23:59:50Z", "2027-01-01T00:00:00Z"),
        ("0 */5 9-17 * * MON-FRI", "2026-11-20T17:55:00Z", "2026-11-23T09:00:00Z"),
        ("0 0 0 29 FEB *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
        ("0 30 12 1,15 * *", "2026-11-01T12:30:00Z", "2026-11-15T12:30:00Z"),
        ("0 0 0 * * 7", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"),
        ("30 5/20 * * * *", "2026-11-21T00:05:30Z", "2026-11-21T00:25:30Z"),
    ])
    func schedulesAreDue(schedule: String, after: String, due: String) throws {
        #expect(try next(schedule, after) == due)
    }

    @Test(arguments: [
        "", "* * * * *", "60 * * * * *", "* * 24 * * *", "* * * 0 * *", "* * * * 13 *", "* * * * * 8", "5-1 * * * * *",
        "*/0 * * * * *", "a * * * * *", "1,,2 * * * * *", "1/2/3 * * * * *", "-1 * * * * *", "0 0 0 1-2-3 * *",
    ])
    func whatIsNoScheduleIsRefused(text: String) {
        #expect(CronSchedule(text) == nil)
    }

    @Test func whatNeverComesIsNeverDue() throws {
        #expect(try next("0 0 0 30 2 *", "2026-01-01T00:00:00Z") == nil)
    }

    @Test(.enabled(if: TimeZoneRules(named: "Europe/Berlin") != nil, "the system has no time zone files"))
    func clocksThatAreChangedAreFollowed() throws {
        let berlin = try #require(TimeZoneRules(named: "Europe/Berlin"))
        // Summer ends on 25 October 2026: three o'clock comes an hour later, and half past two twice.
        #expect(try next("0 0 3 * * *", "2026-10-24T12:00:00Z", berlin) == "2026-10-25T02:00:00Z")
        #expect(try next("0 30 2 * * *", "2026-10-24T12:00:00Z", berlin) == "2026-10-25T00:30:00Z")
        #expect(try next("0 30 2 * * *", "2026-10-25T00:30:00Z", berlin) == "2026-10-26T01:30:00Z")
        // On 29 March 2026 there is no half past two.
        #expect(try next("0 30 2 * * *", "2026-03-28T12:00:00Z", berlin) == "2026-03-30T00:30:00Z")
    }

    @Test(arguments: ["../../etc/passwd", "/etc/passwd", "Nowhere/At_All", ""])
    func onlyZonesAreRead(name: String) {
        #expect(TimeZoneRules(named: name) == nil)
    }

    @Test func filesThatAreCutShortAreRefused() throws {
        guard let bytes = FileManager.default.contents(atPath: "/usr/share/zoneinfo/Europe/Berlin") else { return }
        for count in stride(from: 0, to: bytes.count, by: 7) {
            let rules = TimeZoneRules(file: Array(bytes.prefix(count)))
            _ = rules?.offsetSeconds(at: 0)
        }
    }
}
