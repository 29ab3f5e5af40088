import Foundation

/// A folder of its own for one test, removed when the test lets go of it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("engine-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
}

extension Scratch {
    /// The folder of the only partition.
    func partitionFolder() throws -> String {
        guard let name = try FileManager.default.contentsOfDirectory(atPath: file("partitions")).first else {
            throw CocoaError(.fileNoSuchFile)
        }
        return file("partitions/" + name)
    }

    /// The paths of the partition's files whose names begin so; lock files left out.
    func partitionFiles(_ prefix: String) throws -> [String] {
        let folder = try partitionFolder()
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasPrefix(prefix) && !$0.hasSuffix("-lock") }
            .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
            .map { folder + "/" + $0 }
    }

    /// The data directory as a crash at this moment would leave it.
    func copied() throws -> Scratch {
        let copy = try Scratch()
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            try FileManager.default.copyItem(atPath: file(name), toPath: copy.file(name))
        }
        return copy
    }
}

extension Scratch {
    /// The data directory as a crash at this moment would leave it, taken while files come and go. Each manifest comes
    /// first: what it names is whole, or gone since.
    func crashed() throws -> Scratch {
        let copy = try Scratch()
        let files = FileManager.default
        try files.copyItem(atPath: file("catalog.lmdb"), toPath: copy.file("catalog.lmdb"))
        for folder in try files.contentsOfDirectory(atPath: file("partitions")).map({ "partitions/" + $0 }) {
            try files.createDirectory(atPath: copy.file(folder), withIntermediateDirectories: true)
            let names = try files.contentsOfDirectory(atPath: file(folder))
            for name in ["MANIFEST"] + names.filter({ $0 != "MANIFEST" }) {
                // Read to its end, wherever that is by then: `copyItem` waits forever for the rest of a file that was
                // cut meanwhile, as a segment is when it is sealed, and takes a size from one file and bytes from
                // the next of the same name.
                let bytes = try? Data(contentsOf: URL(fileURLWithPath: file(folder + "/" + name)))
                try bytes?.write(to: URL(fileURLWithPath: copy.file(folder + "/" + name)))
            }
        }
        return copy
    }
}

/// Looks again and again until something holds or time is up. Answers whether it held.
func eventually(seconds: Double = 10, _ holds: () throws -> Bool) rethrows -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
        if try holds() { return true }
        Thread.sleep(forTimeInterval: 0.002)
    }
    return try holds()
}
