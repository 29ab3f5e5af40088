import CLinux
import Glibc

/// How load generators share processors with the servers that they ask.
///
/// On a machine of two processors a generator that is woken by an answer would interrupt the server in the midst of the
/// next one, ask once more, and sleep again: two switches for each request, of which a server that is asked by other
/// machines knows nothing. So generators wait for their turn, all of them: this project's own and PostgreSQL's.
enum LoadScheduling {
    /// Runs `body` on this thread, and the programs that it starts, without interrupting who runs.
    static func lettingServersFinish<Result>(_ body: () throws -> Result) rethrows -> Result {
        set(SCHED_BATCH)
        defer { set(SCHED_OTHER) }
        return try body()
    }

    private static func set(_ policy: Int32) {
        var parameters = sched_param()
        // A system that does not know the policy goes on as it is. Safe: the parameters live for the call.
        _ = unsafe sched_setscheduler(0, policy, &parameters)
    }
}
