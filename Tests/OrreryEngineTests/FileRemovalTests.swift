import Foundation
@testable import OrreryEngine
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
