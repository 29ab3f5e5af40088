import Glibc

/// The process's environment variables by name.
enum ProcessEnvironment {
    /// Those that may be meant for this program; all others are none of its business.
    static var variables: [String: String] {
        var variables: [String: String] = [:]
        // The array is the C library's own and ends with a null; nothing here changes the environment meanwhile.
        var next = unsafe environ
        while let entry = unsafe next.pointee {
            let text = unsafe String(cString: entry)
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[0].hasPrefix("ORRERY_") { variables[String(parts[0])] = String(parts[1]) }
            unsafe next += 1
        }
        return variables
    }
}
