import Glibc

/// The terminal, or whatever stands in its place. Nothing is buffered: a line is out when the call returns.
enum Console {
    /// Writes to standard output.
    static func show(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    /// Writes to standard error.
    static func complain(_ text: String) {
        write(text, to: STDERR_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            // Nobody is there to read: nothing can be done about it, and nothing depends on it.
            guard count > 0 else { return }
            rest.removeFirst(count)
        }
    }
}
