import CLinux
import Glibc

/// How the server's threads share processors with each other.
enum ThreadScheduling {
    /// Has this thread, and those it starts from now on, wait when they wake until whoever is running has had its turn,
    /// rather than interrupt it. Where processors are scarce requests are then taken and committed in larger groups,
    /// with fewer switches between threads; where one is idle nothing changes (Docs/Architecture.md, "Threads").
    static func letOthersFinish() {
        var parameters = sched_param()
        // A system that does not know the policy goes on as it is. Safe: the parameters live for the call.
        _ = unsafe sched_setscheduler(0, SCHED_BATCH, &parameters)
    }
}
