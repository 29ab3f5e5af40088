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

    /// Runs a load and takes a server's processor time with it.
    static func measuring(_ process: Int32, _ run: () throws -> LoadResult) rethrows -> LoadResult {
        let before = microseconds(of: process)
        var result = try run()
        result.serverMicroseconds = microseconds(of: process) - before
        return result
    }
}
