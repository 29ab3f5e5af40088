// OrreryTelemetry: what is counted and what is said, for operators. It knows numbers, names and lines; it knows
// nothing of what they are about, nor where they are shown.

import Glibc

/// The server's log: one line of `key=value` pairs (logfmt) for each event.
///
///     time=2026-01-31T12:00:00.123Z level=info event=listening host=127.0.0.1 port=8081
public struct Log: Sendable {
    /// A field's name, a lower-case word, and its value.
    public typealias Field = (name: StaticString, value: LogValue)

    /// The least that is taken.
    public let level: LogLevel

    private let write: @Sendable (String) -> Void

    /// A log to standard error.
    public init(level: LogLevel = .info) {
        self.init(level: level, write: writeToStandardError)
    }

    /// A log whose lines, each with its line end, go to a closure, which any thread may call.
    public init(level: LogLevel, write: @escaping @Sendable (String) -> Void) {
        self.level = level
        self.write = write
    }

    /// Takes nothing: for tests.
    public static let silent = Log(level: .error) { _ in }

    public func error(_ event: StaticString, _ fields: @autoclosure () -> [Field] = []) {
        say(.error, event, fields)
    }

    public func warning(_ event: StaticString, _ fields: @autoclosure () -> [Field] = []) {
        say(.warning, event, fields)
    }

    public func info(_ event: StaticString, _ fields: @autoclosure () -> [Field] = []) {
        say(.info, event, fields)
    }

    public func debug(_ event: StaticString, _ fields: @autoclosure () -> [Field] = []) {
        say(.debug, event, fields)
    }

    // The event is a static text so that nothing variable, such as a document, slips into it.
    private func say(_ level: LogLevel, _ event: StaticString, _ fields: () -> [Field]) {
        guard level <= self.level else { return }
        var line = "time=\(timestamp()) level=\(level.rawValue) event=\(LogValue.text("\(event)").logfmt)"
        for field in fields() { line += " \(field.name)=\(field.value.logfmt)" }
        write(line + "\n")
    }
}

/// One system call for each line, so that lines of several threads and processes do not mix.
private func writeToStandardError(_ line: String) {
    var line = line
    line.withUTF8 { bytes in _ = unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
}

/// Now, in UTC with milliseconds: `2026-01-31T12:00:00.123Z`.
private func timestamp() -> String {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    var parts = unsafe tm()
    unsafe gmtime_r(&now.tv_sec, &parts)
    func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = unsafe [
        padded(Int(parts.tm_year) + 1900, 4), padded(Int(parts.tm_mon) + 1, 2), padded(Int(parts.tm_mday), 2),
    ]
    let time = unsafe [
        padded(Int(parts.tm_hour), 2), padded(Int(parts.tm_min), 2), padded(Int(parts.tm_sec), 2),
    ]
    let milliseconds = padded(now.tv_nsec / 1_000_000, 3)
    return date.joined(separator: "-") + "T" + time.joined(separator: ":") + "." + milliseconds + "Z"
}
