import Glibc

/// The system's words for the last call that failed on this thread.
enum SystemError {
    static func message(_ code: Int32 = errno) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
