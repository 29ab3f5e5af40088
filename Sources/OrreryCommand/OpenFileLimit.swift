import Glibc

/// How many files and sockets the process may have open.
enum OpenFileLimit {
    /// Takes as many as the system lets it. A shell's usual 1024 would end at about a thousand connections; each open
    /// container needs a few more.
    /// - Returns: how many that are.
    static func raise() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            guard unsafe setrlimit(resource, &limit) == 0, unsafe getrlimit(resource, &limit) == 0 else { return 1024 }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// How many partitions may stay open under a limit: each has a few files open, and half of all are for connections.
    static func openPartitionsMax(openFilesMax: Int) -> Int {
        min(1000, max(16, openFilesMax / 2 / filesOfPartition))
    }

    /// A partition's log and runs, as a rule.
    private static let filesOfPartition = 8
}
