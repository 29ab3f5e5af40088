import Foundation

/// The processor time of a server, which other work on the machine changes less than rates.
enum ProcessorTime {
    /// What a process has used so far, and those of its children that have ended, in microseconds, as the kernel
    /// counts it.
    static func microseconds(of process: Int32) -> Double {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return 0 }
        // Behind the name: state is field 3 of proc(5); 14 to 17 are user and system time, the process's own and its
        // children's, in ticks.
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 14 else { return 0 }
        let ticks = fields[11...14].compactMap { Double($0) }.reduce(0, +)
        return ticks * 1e6 / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// What this process has used so far, and those of its children that have ended, in microseconds: a load
    /// generator's, for the servers are children that go on.
    static var clientMicroseconds: Double {
        microseconds(ofUser: RUSAGE_SELF.rawValue) + microseconds(ofUser: RUSAGE_CHILDREN.rawValue)
    }

    private static func microseconds(ofUser user: Int32) -> Double {
        var usage = rusage()
        unsafe getrusage(user, &usage)
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        return Double(seconds) * 1e6 + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    }

    /// Runs a load and takes the processor time of both sides with it.
    static func measuring(_ process: Int32, _ run: () throws -> LoadResult) rethrows -> LoadResult {
        let before = (server: microseconds(of: process), client: clientMicroseconds)
        var result = try run()
        result.serverMicroseconds = microseconds(of: process) - before.server
        result.clientMicroseconds = clientMicroseconds - before.client
        return result
    }
}
