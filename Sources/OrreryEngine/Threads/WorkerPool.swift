
/// A few threads that run jobs in the order they came.
///
/// Jobs are the engine's own and few (a partition is queued at most once for each kind of work), so the queue is
/// bounded by the number of partitions.
final class WorkerPool: Sendable {
    typealias Job = @Sendable () -> Void

    private struct Queue: Sendable {
        var jobs: [Job] = []
        var head = 0
        var running: Int
        var isStopping = false

        mutating func next() -> Job? {
            guard head < jobs.count else { return nil }
            let job = jobs[head]
            head += 1
            if head == jobs.count {
                jobs.removeAll(keepingCapacity: true)
                head = 0
            }
            return job
        }
    }

    private enum Turn {
        case run(Job)
        case end
    }

    private let queue: Monitor<Queue>

    /// Starts the threads.
    init(threadCount: Int) {
        let queue = Monitor(Queue(running: threadCount))
        self.queue = queue
        for _ in 0..<threadCount {
            Thread.start { Self.work(queue) }
        }
    }

    private static func work(_ queue: Monitor<Queue>) {
        while true {
            let turn: Turn = queue.wait { queue in
                if let job = queue.next() { return .run(job) }
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

    /// Adds a job. After ``stop()`` jobs are dropped.
    func submit(_ job: @escaping Job) {
        queue.withLockWakingOne { queue in
            if !queue.isStopping { queue.jobs.append(job) }
        }
    }

    /// Lets the jobs that are queued run out and waits for the threads to end.
    func stop() {
        queue.withLock { $0.isStopping = true }
        queue.wait { $0.running == 0 ? () : nil }
    }
}
