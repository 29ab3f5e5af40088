import Dispatch
import Foundation
@testable import OrreryEngine
import Synchronization
import Testing

/// Files that go with their last owner.
@Suite struct FileRemovalTests {
    /// How often this process has a file open that had this path once.
    private func openCount(_ path: String) throws -> Int {
        let folder = "/proc/self/fd"
        return try FileManager.default.contentsOfDirectory(atPath: folder).count { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + name)
            return target?.hasPrefix(path) ?? false
        }
    }

    @Test func theNameGoesAtOnceAndTheBytesSoon() throws {
        let scratch = try Scratch()
        let path = scratch.file("run-1.lmdb")
        try Data(count: 1 << 20).write(to: URL(fileURLWithPath: path))
        var removal: FileRemoval? = FileRemoval(path: path)
        removal?.arm()
        #expect(FileManager.default.fileExists(atPath: path))
        removal = nil
        #expect(removal == nil && !FileManager.default.fileExists(atPath: path))
        // Whoever had it open last frees its bytes.
        #expect(try eventually { try openCount(path) == 0 })
    }

    /// Its name may be another file's by the time that the bytes are freed.
    @Test func aNewFileOfTheNameStays() throws {
        let scratch = try Scratch()
        let path = scratch.file("run-1.lmdb")
        for number in UInt8(0)..<20 {
            try Data([number]).write(to: URL(fileURLWithPath: path))
            FileRemoval(path: path).arm()
            #expect(!FileManager.default.fileExists(atPath: path))
        }
        try Data([77]).write(to: URL(fileURLWithPath: path))
        #expect(try eventually { try openCount(path) == 0 })
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([77]))
    }

    /// Freed all at once, by its closing, a large file would hold up the flushes of others.
    @Test(arguments: [0, 1, 40 << 20]) func aFileWithoutANameIsShrunkBeforeItIsClosed(_ byteCount: Int) throws {
        let scratch = try Scratch()
        let path = scratch.file("run-1.lmdb")
        try Data(count: byteCount).write(to: URL(fileURLWithPath: path))
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        FileRemoval.shrink(file.fileDescriptor)
        #expect(try file.seekToEnd() == byteCount)
        try FileManager.default.removeItem(atPath: path)
        FileRemoval.shrink(file.fileDescriptor)
        #expect(try file.seekToEnd() == 0)
    }

    /// The kernel tells who holds a lease of it by a signal, and one that nobody expects ends the process.
    @Test func whoeverOpensAFileMeanwhileEndsNothing() throws {
        let scratch = try Scratch()
        let path = scratch.file("run-1.lmdb")
        try Data([7]).write(to: URL(fileURLWithPath: path))
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try FileManager.default.removeItem(atPath: path)
        let isOver = Atomic(false)
        let openings = Atomic(0)
        let other = "/proc/self/fd/\(file.fileDescriptor)"
        let opener = Thread {
            while !isOver.load(ordering: .relaxed) {
                let descriptor = unsafe open(other, O_RDONLY | O_NONBLOCK)
                if descriptor >= 0, close(descriptor) == 0 { openings.add(1, ordering: .relaxed) }
            }
        }
        opener.start()
        for _ in 0..<20_000 { FileRemoval.shrink(file.fileDescriptor) }
        isOver.store(true, ordering: .relaxed)
        #expect(eventually { opener.isFinished })
        #expect(openings.load(ordering: .relaxed) > 0)
    }

    /// A copy that is being made is to be whole.
    @Test func aFileThatIsReadKeepsItsBytes() throws {
        let scratch = try Scratch()
        let path = scratch.file("run-1.lmdb")
        try Data([7, 8]).write(to: URL(fileURLWithPath: path))
        let reader = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        FileRemoval(path: path).arm()
        // Those that have it open are this one and, until it is done with the file, the disposal.
        #expect(try eventually { try openCount(path) == 1 })
        #expect(try reader.readToEnd() == Data([7, 8]))
    }

    @Test func aFileWithAnotherNameKeepsItsBytes() throws {
        let scratch = try Scratch()
        let (path, copy) = (scratch.file("run-1.lmdb"), scratch.file("copy"))
        try Data([7, 8]).write(to: URL(fileURLWithPath: path))
        try FileManager.default.linkItem(atPath: path, toPath: copy)
        FileRemoval(path: path).arm()
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(try eventually { try openCount(copy) == 0 && openCount(path) == 0 })
        #expect(try Data(contentsOf: URL(fileURLWithPath: copy)) == Data([7, 8]))
    }

    /// Freed by whoever removes the folder, its large files would be freed at once.
    @Test func aFoldersLargeFilesAreFreedByTheDisposal() throws {
        let scratch = try Scratch()
        let folder = scratch.file("gone")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try Data(count: 40 << 20).write(to: URL(fileURLWithPath: folder + "/log-1"))
        try Data(count: 1).write(to: URL(fileURLWithPath: folder + "/MANIFEST"))
        let mayGoOn = DispatchSemaphore(value: 0)
        // Also where this ends early: all tests share the thread.
        defer { mayGoOn.signal() }
        FileRemoval.disposal.submit { mayGoOn.wait() }
        Folder.remove(folder)
        #expect(!FileManager.default.fileExists(atPath: folder))
        #expect(try openCount(folder + "/log-1") == 1)
        #expect(try openCount(folder + "/MANIFEST") == 0)
        mayGoOn.signal()
        #expect(try eventually { try openCount(folder) == 0 })
    }

    /// The files of a dropped container go with the last who reads them, and then step by step as well.
    @Test func aDroppedContainersLargeFilesAreFreedByTheDisposal() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path)
        defer { store.close() }
        var container: TestContainer? = try TestContainer(store)
        let text = String(repeating: "x", count: 2 << 20)
        for number in 0..<10 {
            let write = try #require(try container?.create("\(number)", "k", text))
            #expect(container?.commit(write).isSuccess == true)
        }
        let log = try #require(try scratch.partitionFiles("log-").last)
        let folder = try scratch.partitionFolder()
        let dropped = try #require(container?.container)
        try store.catalog.delete(.container, dropped)
        store.removePartitions(of: dropped)
        #expect(!FileManager.default.fileExists(atPath: folder))
        #expect(try container?.partition.item(#require(container?.key("7", "k"))) != nil)
        let mayGoOn = DispatchSemaphore(value: 0)
        // Also where this ends early: all tests share the thread.
        defer { mayGoOn.signal() }
        FileRemoval.disposal.submit { mayGoOn.wait() }
        container = nil
        // Threads that worked on the partition let go of it soon; then one is left that has the file open.
        #expect(try eventually { try openCount(log) == 1 })
        mayGoOn.signal()
        #expect(try eventually { try openCount(log) == 0 })
    }

    @Test func aFileThatIsKeptStays() throws {
        let scratch = try Scratch()
        let path = scratch.file("room-1")
        try Data([1]).write(to: URL(fileURLWithPath: path))
        var removal: FileRemoval? = FileRemoval(path: path)
        removal?.arm()
        removal?.disarm()
        removal = nil
        #expect(removal == nil && FileManager.default.fileExists(atPath: path))
        // What is gone already is nobody's fault.
        FileRemoval(path: scratch.file("gone")).arm()
    }
}
