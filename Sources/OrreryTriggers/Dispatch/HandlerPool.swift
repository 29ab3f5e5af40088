internal import OrreryEngine

/// The threads that handlers run on: their own, so that none of them can keep requests waiting, whatever it does.
public final class HandlerPool: TaskExecutor {
    private let workers: WorkerPool

    /// Starts the threads.
    public init(threadCount: Int) {
        workers = WorkerPool(threadCount: threadCount)
    }

    /// Runs a job of a task on one of the threads.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // After a stop nothing runs any more: who waits for such a job waits for ever, and nobody does.
        workers.submit { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Lets what is queued run out and ends the threads.
    public func stop() {
        workers.stop()
    }
}
