/// How much a log line matters.
public enum LogLevel: String, Sendable, CaseIterable, Comparable {
    /// Something was lost or stopped; a person should look.
    case error
    /// Something was refused or given up that should not be every day.
    case warning
    /// What an operator wants to know in normal running: start, stop, what is in use.
    case info
    /// For finding faults.
    case debug

    private var rank: Int {
        switch self {
        case .error: 0
        case .warning: 1
        case .info: 2
        case .debug: 3
        }
    }

    /// The less a level matters, the greater it is: a log at `.info` takes what is `<= .info`.
    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }
}
