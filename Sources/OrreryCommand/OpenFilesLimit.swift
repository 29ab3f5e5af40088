import Glibc

/// How many files the process may have open.
enum OpenFilesLimit {
    /// Raises it as far as the process may. A partition takes four and more, a connection one, and the usual 1024 is
    /// that low for the sake of programs that call `select`, which cannot name more.
    static func raise() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue))
        guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        // A refusal leaves the limit as it was.
        _ = unsafe setrlimit(resource, &limit)
    }
}
