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
        let isTaken = workers.submit { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        // A call that did not come to its end before the threads did comes to it elsewhere: somebody may wait for it.
        if !isTaken { globalConcurrentExecutor.enqueue(job) }
    }

    /// Lets what is queued run out and ends the threads.
    public func stop() {
        workers.stop()
    }

    /// The same without waiting for it: for whoever may run on one of the threads.
    func end() {
        workers.end()
    }
}
