/// A few threads that run jobs in the order they came.
///
/// The engine's own jobs are few (a partition is queued at most once for each kind of work), so their queue is bounded
/// by the number of partitions; jobs that clients cause need a bound of their own.
public final class WorkerPool: Sendable {
    public typealias Job = @Sendable () -> Void

    private struct Queue: Sendable {
        var jobs = Fifo<Job>()
        var running: Int
        var isStopping = false
    }

    private enum Turn {
        case run(Job)
        case end
    }

    private let queue: Monitor<Queue>
    private let waitingMax: Int

    /// Starts the threads.
    /// - Parameter waitingMax: how many jobs may wait; more are refused.
    public init(threadCount: Int, waitingMax: Int = .max) {
        self.waitingMax = waitingMax
        let queue = Monitor(Queue(running: threadCount))
        self.queue = queue
        for _ in 0..<threadCount {
            Thread.start { Self.work(queue) }
        }
    }

    private static func work(_ queue: Monitor<Queue>) {
        while true {
            let turn: Turn = queue.wait { queue in
                if let job = queue.jobs.next() { return .run(job) }
                return queue.isStopping ? .end : nil
            }
            switch turn {
            case .run(let job): job()
            case .end:
                queue.withLock { $0.running -= 1 }
                return
            }
        }
    }

    /// Nobody can add a job any more: the threads end when those that are queued have run out.
    deinit {
        end()
    }

    /// Adds a job. Returns whether it was taken: not when too many wait already, nor after ``stop()``.
    @discardableResult
    public func submit(_ job: @escaping Job) -> Bool {
        queue.withLockWakingOne { queue in
            guard !queue.isStopping, queue.jobs.count < waitingMax else { return false }
            queue.jobs.append(job)
            return true
        }
    }

    /// Whether there are jobs that no thread has taken yet.
    public var hasWaitingJobs: Bool { queue.withLock { $0.jobs.count > 0 } }

    /// Lets the jobs that are queued run out and waits for the threads to end.
    public func stop() {
        end()
        queue.wait { $0.running == 0 ? () : nil }
    }

    /// Lets the jobs that are queued run out, and does not wait for that: for whoever may be one of them.
    public func end() {
        queue.withLock { $0.isStopping = true }
    }
}
