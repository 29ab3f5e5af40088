import Glibc

/// How many files and sockets the process may have open.
enum OpenFileLimit {
    /// Takes as many as the system lets it. A shell's usual 1024 would end at about a thousand connections; each open
    /// container needs a few more.
    static func raise() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(resource, &limit)
    }
}
