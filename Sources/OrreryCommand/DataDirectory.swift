import Glibc

/// Where a server keeps its data: a directory that stays, or one that goes when the server stops.
struct DataDirectory {
    let path: String
    private let isEphemeral: Bool

    /// Makes the directory if it is missing and checks that it can be written to.
    init(_ options: ServeOptions) throws(UsageError) {
        isEphemeral = options.isEphemeral
        if options.isEphemeral {
            path = try Self.makeTemporary()
        } else {
            path = options.dataDirectory
            try Self.make(path)
        }
        guard unsafe access(path, W_OK | X_OK) == 0 else {
            throw UsageError("cannot write to the data directory \(path): \(SystemError.message())")
        }
    }

    /// Whether a server kept data in a directory.
    static func holdsStore(_ path: String) -> Bool {
        unsafe access(path + "/catalog.lmdb", F_OK) == 0
    }

    /// Removes an ephemeral directory with everything in it; leaves any other alone.
    func removeIfEphemeral() {
        guard isEphemeral else { return }
        Self.removeTree(path)
    }

    private static func removeTree(_ path: String) {
        guard let directory = unsafe opendir(path) else { return }
        defer { unsafe closedir(directory) }
        while let entry = unsafe readdir(directory) {
            // The name is an array of fixed size within the entry, ended by a zero.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            let child = "\(path)/\(name)"
            if unsafe entry.pointee.d_type == UInt8(DT_DIR) { removeTree(child) } else { _ = unsafe unlink(child) }
        }
        _ = unsafe rmdir(path)
    }

    private static func make(_ path: String) throws(UsageError) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            prefix += (prefix.isEmpty || prefix.hasSuffix("/") ? "" : "/") + part
            guard unsafe mkdir(prefix, 0o755) == 0 || errno == EEXIST else {
                throw UsageError("cannot make the data directory \(path): \(SystemError.message())")
            }
        }
        var information = stat()
        guard unsafe stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
            throw UsageError("the data directory \(path) is not a directory")
        }
    }

    /// In memory where the system has such a file system, for nothing in it has to last.
    private static func makeTemporary() throws(UsageError) -> String {
        let parent = unsafe access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/orrery-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
        }
        guard let made else { throw UsageError("cannot make a directory in \(parent): \(SystemError.message())") }
        return made
    }
}
