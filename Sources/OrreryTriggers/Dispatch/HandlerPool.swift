internal import OrreryEngine

/// The threads that handlers run on: their own, so that none of them can keep requests waiting, whatever it does.
final class HandlerPool: TaskExecutor {
    private let workers: WorkerPool

    init(threadCount: Int) {
        workers = WorkerPool(threadCount: threadCount)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // After a stop nothing runs any more: who waits for such a job waits for ever, and nobody does.
        workers.submit { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Lets what is queued run out and ends the threads.
    func stop() {
        workers.stop()
    }
}
