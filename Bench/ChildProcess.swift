import Foundation
import Synchronization

/// A program that a benchmark runs beside itself. It ends with the benchmark, also where that is asked to end before
/// its time (SIGTERM, SIGINT), and what was written into temporary folders goes then, too.
final class ChildProcess: Sendable {
    private let process = Process()
    /// What asks it to end.
    private let endSignal: Int32

    private static let all = Mutex<[Int32: ChildProcess]>([:])
    private static let endSecondsMax = 10.0

    /// Starts a program, whose words nobody hears.
    /// - Parameter output: where what it writes to its standard output goes.
    init(
        _ path: String, _ arguments: [String], in folder: URL? = nil, output: Pipe? = nil, endSignal: Int32 = SIGTERM
    ) throws {
        self.endSignal = endSignal
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        if let output { process.standardOutput = output } else { process.standardOutput = FileHandle.nullDevice }
        process.standardError = FileHandle.nullDevice
        // Under the lock: whoever ends all must not miss one that is just being started.
        try Self.all.withLock { all in
            try process.run()
            all[process.processIdentifier] = self
        }
    }

    var identifier: Int32 { process.processIdentifier }

    /// Waits until it ends by itself.
    /// - Returns: its exit status.
    func wait() -> Int32 {
        process.waitUntilExit()
        Self.all.withLock { $0[identifier] = nil }
        return process.terminationStatus
    }

    /// Ends it, and waits until it has ended.
    func end() {
        Self.all.withLock { $0[identifier] = nil }
        stop()
    }

    private func stop() {
        kill(identifier, endSignal)
        let deadline = Date(timeIntervalSinceNow: Self.endSecondsMax)
        while process.isRunning {
            if Date() > deadline { kill(identifier, SIGKILL) }
            usleep(2000)
        }
    }

    // MARK: An end before its time

    /// Has all that was started end, when this process is asked to end.
    static func endAllWithThisProcess() -> [any DispatchSourceSignal] {
        [SIGTERM, SIGINT].map { number in
            // The default, which ends this process at once, would leave the others behind.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
            source.setEventHandler {
                // The lock is kept: nothing more is started.
                all.withLock { all in
                    for child in all.values { child.stop() }
                    removeFolders()
                    fflush(nil)
                    _exit(128 + number)
                }
            }
            source.resume()
            return source
        }
    }

    /// Removes the temporary folders of this process, which have its number in their names.
    private static func removeFolders() {
        let folder = FileManager.default.temporaryDirectory
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names where name.hasPrefix("orrery-bench-") && name.split(separator: "-").contains("\(getpid())") {
            try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        }
    }
}
